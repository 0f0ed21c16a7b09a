"""Prints the code blocks of one section of a document: `readme_blocks.py FILE HEADING LANGUAGE`.

Blocks are separated by a line that holds only `#----`.
"""

import re
import sys

path, heading, language = sys.argv[1:]
text = open(path, encoding="utf-8").read()
section = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", text, re.M | re.S)
if section is None:
    sys.exit(f"{path} has no section `{heading}`")
blocks = re.findall(rf"^```{language}\n(.*?)^```$", section.group(1), re.M | re.S)
if not blocks:
    sys.exit(f"the section `{heading}` has no {language} block")
print("#----\n".join(blocks), end="")

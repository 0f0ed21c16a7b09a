"""A mail server: `mail_server.py PORT DIRECTORY` writes each mail it takes to a file.

It refuses the recipients that are named, one a line, in DIRECTORY/refused.
"""

import pathlib
import sys
import threading

from aiosmtpd.controller import Controller

port, directory = int(sys.argv[1]), pathlib.Path(sys.argv[2])


class Keeper:
    taken = 0

    async def handle_RCPT(self, server, session, envelope, address, options):
        refused = directory / "refused"
        if refused.exists() and address in refused.read_text().split():
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 fine"

    async def handle_DATA(self, server, session, envelope):
        self.taken += 1
        (directory / f"{self.taken}.eml").write_bytes(envelope.original_content)
        return "250 taken"


Controller(Keeper(), hostname="127.0.0.1", port=port).start()
threading.Event().wait()

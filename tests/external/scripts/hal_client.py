"""`hal_client.py BASE TOKEN`: halchemy (PyPI) walks the licences from the first page to the last."""

import sys

from halchemy import Api

base, token = sys.argv[1:]
api = Api(base, headers={"Authorization": f"Bearer {token}"})
LIST = "/licence/v1.1/licence"


def page_numbers(page):
    page._halchemy.raise_for_status_codes()
    return [licence["licenceNumber"] for licence in page.embedded_many("licence")]


def walk(query):
    page = api.using_endpoint(f"{LIST}?{query}").get()
    numbers, pages = page_numbers(page), 1
    while page.has_rel("next"):
        page = api.follow(page).to("next").get()
        numbers += page_numbers(page)
        pages += 1
    last = api.follow(page).to("last").get()
    assert last["_links"]["self"] == page["_links"]["self"], "the page without `next` is the last"
    first = api.follow(page).to("first").get()
    assert not first.has_rel("prev"), "nothing is before the first page"
    one = api.follow(first.embedded_many("licence")[0]).to("self").get()
    assert one["licenceNumber"] == numbers[0]
    return numbers, pages, int(page["total"])


for name, query, size in [
    ("every current licence", "Mode=Current", 20),
    ("a filtered list", "mode=all&licencestatus=active&Grades=3a%2C3b&OrderBy=-surname", 7),
]:
    numbers, pages, total = walk(f"{query}&PageSize={size}")
    whole = page_numbers(api.using_endpoint(f"{LIST}?{query}&PageSize=1000").get())
    assert numbers == whole, f"{name}: the pages and one large page differ"
    assert total == len(numbers) and len(numbers) > size, f"{name}: {total}"
    print(f"halchemy walked {name}: {total} licences on {pages} pages")

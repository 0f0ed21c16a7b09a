"""Changes a term plan, has its notifications sent, and reads the mails: `notify.py URL DIRECTORY`.

The mail server writes its mails to DIRECTORY, and refuses whom DIRECTORY/refused names.
"""

import email
import email.policy
import json
import pathlib
import sys
import urllib.error
import urllib.request

base, directory = sys.argv[1], pathlib.Path(sys.argv[2])
HEADERS = {
    "client_id": "demo",
    "client_secret": "Demo-Secret-For-Loopback-Only-2026!",
    "Content-Type": "application/json",
}


def post(path, body):
    request = urllib.request.Request(base + path, json.dumps(body).encode(), HEADERS)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as answer:
        return answer.code, json.load(answer)


def plan(container):
    body = {"academicYear": 2026, "termPlans": [{"termCode": "2026SP", "isOffered": True}]}
    status, answer = post(f"/subjects/containers/{container}/termPlans", body)
    return answer["notificationIds"] if status == 200 else []


def mails():
    files = sorted(directory.glob("*.eml"), key=lambda path: int(path.stem))
    policy = email.policy.default
    return [email.message_from_bytes(file.read_bytes(), policy=policy) for file in files]


# A subject that concerns several: a requirement, and departments.
(directory / "refused").write_text("hass@example.org")
container, ids = next(
    (container, ids) for container in range(1, 361) if len(ids := plan(container)) >= 2
    and post(f"/subjects/containers/{container}/notifications", {"notificationIds": ids[-1:]})[0] == 500
)
status, answer = post(f"/subjects/containers/{container}/notifications", {"notificationIds": ids})
assert status == 500, answer
states = [one["status"] for one in answer["notifications"]]
assert states == ["SENT"] * (len(ids) - 1) + ["FAILED"], answer
messages = [one["message"] for one in answer["errorDetails"]]
assert messages == ["Error: Exception : the mail could not be sent "], answer
sent = mails()
assert len(sent) >= len(ids) - 1, sent
last = sent[-1]
assert last["From"] == "Subjects <subjects@example.org>", last
assert "2026" in last["Subject"], last
assert "2026SP.isOffered" in last.get_content(), last

# What was sent is forgotten, what failed is still there.
(directory / "refused").unlink()
before = len(sent)
status, answer = post(f"/subjects/containers/{container}/notifications", {"notificationIds": ids})
states = [one["status"] for one in answer["notifications"]]
assert status == 200 and states == ["UNKNOWN"] * (len(ids) - 1) + ["SENT"], answer
[again] = mails()[before:]
assert again["To"] == "hass@example.org", again
names = [mail["Message-ID"] for mail in mails()]
assert len(set(names)) == len(names), names
print(f"{len(names)} mails of container {container}, one after it was refused")

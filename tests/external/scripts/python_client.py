"""A session's life through the client that openapi-generator made (python): `python_client.py BASE`."""

import sys

import openapi_client as api


def live(base: str) -> None:
    with api.ApiClient(api.Configuration(host=base)) as client:
        sessions = api.SessionsApi(client)
        opened = sessions.open_session(api.NewSession(user_id="python", user_name="Python", data={"cart": [1, 2]}))
        assert opened.active and opened.data == {"cart": [1, 2]}, opened
        page = sessions.get_sessions(
            session_query=api.SessionQuery.from_dict({"filter": {"id": opened.id}, "paging": {"total": True}})
        )
        assert page.total == 1 and page.data[0].id == opened.id, page
        closed = sessions.close_session(api.SessionKey(session_id=opened.id))
        assert not closed.active and closed.close_time is not None, closed
        gone = sessions.delete_session_by_id(api.SessionKey(session_id=opened.id))
        assert gone.id == opened.id, gone
        assert sessions.get_session_by_id_with_http_info(api.SessionKey(session_id=opened.id)).status_code == 204


live(sys.argv[1])
print("the generated python client opened, listed and closed a session")

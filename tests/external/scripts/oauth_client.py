"""`oauth_client.py BASE ID SECRET`: Authlib gets tokens, calls the API, and verifies a token
against the published keys."""

import sys

import requests
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.jwk import KeySet

base, client_id, secret = sys.argv[1:]
token_url = f"{base}/v1/identity/oauth/token"
for method in ["client_secret_basic", "client_secret_post"]:
    session = OAuth2Session(
        client_id, secret, token_endpoint_auth_method=method, scope="edfi_admin_api/full_access"
    )
    token = session.fetch_token(token_url, grant_type="client_credentials")
    assert token["scope"] == "edfi_admin_api/full_access", token
    vendor = {"company": method, "contactName": "A", "contactEmailAddress": "a@a.example"}
    created = session.post(f"{base}/v1/admin/vendors", json=vendor)
    assert created.status_code == 201, created.text
    location = created.headers["Location"]
    read = session.get(location)
    assert read.json() == created.json() and read.headers["ETag"] == created.headers["ETag"]
    assert session.delete(location).status_code == 200

keys = KeySet.import_key_set(requests.get(f"{base}/.well-known/jwks.json", timeout=10).json())
verified = jwt.decode(token["access_token"], keys, algorithms=["EdDSA"])
assert verified.claims["client_id"] == client_id, verified.claims
assert "edfi_admin_api" in verified.claims["aud"], verified.claims
print("Authlib got tokens in two ways and called the API; joserfc verified one against the keys")

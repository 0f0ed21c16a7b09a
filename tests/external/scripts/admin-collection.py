"""Writes a Postman collection that covers the life of a vendor, an instance and an application.

Each step says which status it expects, and what later steps need from its answer.
"""

import json
import sys


def step(name, method, path, status, body=None, keep=(), form=None, token=True):
    lines = [f"pm.test('{name}', () => pm.response.to.have.status({status}));"]
    for variable, source in dict(keep).items():
        lines.append(f"pm.collectionVariables.set('{variable}', {source});")
    request = {"method": method, "url": "{{base}}" + path, "header": []}
    if token:
        request["header"].append({"key": "Authorization", "value": "Bearer {{token}}"})
    if body is not None:
        request["header"].append({"key": "Content-Type", "value": "application/json"})
        request["body"] = {"mode": "raw", "raw": json.dumps(body)}
    if form is not None:
        pairs = [{"key": key, "value": value} for key, value in form.items()]
        request["body"] = {"mode": "urlencoded", "urlencoded": pairs}
    event = [{"listen": "test", "script": {"exec": lines}}]
    return {"name": name, "request": request, "event": event}


def grant(secret, client="{{key}}"):
    return {"grant_type": "client_credentials", "client_id": client, "client_secret": secret}


TOKEN = "/v1/identity/oauth/token"
INSTANCE = {"name": "Newman", "instanceType": "Sandbox", "apiUrl": "https://sandbox.example"}
VENDOR = {"company": "Newman", "contactName": "N", "contactEmailAddress": "n@newman.example"}
APPLICATION = {"applicationName": "App", "claimSetName": "SIS Vendor", "educationOrganizationIds": [1]}
APPLICATIONS = "/v1/admin/instances/{{instance}}/applications"
ONE = APPLICATIONS + "/{{application}}"
json_of = "pm.response.json()"


def application(name):
    # Postman puts the variable in as it stands, so that it becomes a number.
    body = json.dumps({**APPLICATION, "applicationName": name, "vendorId": "{{vendor}}"})
    return body.replace('"{{vendor}}"', "{{vendor}}")


def raw(item, text):
    item["request"]["body"] = {"mode": "raw", "raw": text}
    return item


steps = [
    step("a token", "POST", TOKEN, 200, form=grant("{{secret}}", "{{id}}"), token=False,
         keep={"token": f"{json_of}.access_token"}),
    step("a vendor", "POST", "/v1/admin/vendors", 201, VENDOR, {"vendor": f"{json_of}.vendorId"}),
    step("the vendor is read", "GET", "/v1/admin/vendors/{{vendor}}", 200),
    step("the vendor changes", "PUT", "/v1/admin/vendors/{{vendor}}", 204, VENDOR),
    step("an instance", "POST", "/v1/admin/instances", 201, INSTANCE,
         {"instance": f"{json_of}.instanceId"}),
    step("the instance changes", "PUT", "/v1/admin/instances/{{instance}}", 200, INSTANCE),
    raw(step("an application", "POST", APPLICATIONS, 201, {},
             {"application": f"{json_of}.applicationId"}), application("App")),
    raw(step("the application changes", "PUT", ONE, 204, {}), application("Changed")),
    step("the application is read", "GET", ONE, 200),
    step("its key and secret", "PUT", ONE + "/reset-credential", 200,
         keep={"key": f"{json_of}.key", "first": f"{json_of}.secret"}),
    step("they get a token", "POST", TOKEN, 200, form=grant("{{first}}"), token=False),
    step("a new secret", "PUT", ONE + "/reset-credential", 200,
         keep={"second": f"{json_of}.secret"}),
    step("the old secret is refused", "POST", TOKEN, 401, form=grant("{{first}}"), token=False),
    step("the new secret is good", "POST", TOKEN, 200, form=grant("{{second}}"), token=False),
    step("an instance with applications stays", "DELETE", "/v1/admin/instances/{{instance}}", 400),
    step("the claim sets", "GET", "/v1/admin/claimsets", 200),
    step("the vendor goes", "DELETE", "/v1/admin/vendors/{{vendor}}", 200),
    step("and its application", "GET", ONE, 404),
    step("the instance goes", "DELETE", "/v1/admin/instances/{{instance}}", 200),
    step("and is gone", "GET", "/v1/admin/instances/{{instance}}", 404),
]
schema = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
collection = {"info": {"name": "Admin API", "schema": schema}, "item": steps}
json.dump(collection, sys.stdout, indent=1)

"""The control plane of the mock server, as a test uses it: a few lines on the standard library."""

import json
import os
import urllib.request


class Mock:
    """A running mock server. `mockserver exec` says in the environment where it is."""

    def __init__(self, url=None):
        self.url = url or os.environ["MOCKSERVER_ADMIN_URL"]

    def call(self, method, path, document=None):
        """Sends a request and returns the JSON document of the answer; an HTTPError tells what was wrong."""
        request = urllib.request.Request(
            self.url + path,
            method=method,
            data=None if document is None else json.dumps(document).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            body = answer.read()
        return json.loads(body) if body else None

    def reset(self):
        """Makes everything as new: every test begins with it."""
        self.call("POST", "/reset")

    def seed(self, **vendors):
        """Makes objects, all or none, and returns them as they then are."""
        return self.call("POST", "/seed", vendors)

    def advance(self, by):
        """Moves the clock of all vendors forward, such as by "25h"."""
        self.call("POST", "/clock/advance", {"by": by})

    def lose_one_answer(self, op):
        """Lets the vendor do the work once, and loses its answer."""
        self.call("POST", "/faults", {"op": op, "phase": "afterCommit", "action": "connReset", "times": 1})

    def objects(self, collection):
        """Lists all objects of a kind, such as "junkie/keys": the truth, whatever callers were told."""
        return self.call("GET", "/" + collection)["items"]

    def findings(self):
        """Lists what the program sent in vain."""
        return self.call("GET", "/findings")["items"]

// The control plane of the mock server, as a test uses it: a few lines on what Node has.

/** A running mock server. `mockserver exec` says in the environment where it is. */
export class Mock {
  constructor(url = process.env.MOCKSERVER_ADMIN_URL) {
    this.url = url;
  }

  /** Sends a request and returns the JSON document of the answer, or throws what was wrong. */
  async call(method, path, document) {
    const answer = await fetch(this.url + path, {
      method,
      headers: { "Content-Type": "application/json" },
      body: document && JSON.stringify(document),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${text}`);
    return text ? JSON.parse(text) : undefined;
  }

  /** Makes everything as new: every test begins with it. */
  reset() {
    return this.call("POST", "/reset");
  }

  /** Makes objects, all or none, and returns them as they then are. */
  seed(vendors) {
    return this.call("POST", "/seed", vendors);
  }

  /** Moves the clock of all vendors forward, such as by "25h". */
  advance(by) {
    return this.call("POST", "/clock/advance", { by });
  }

  /** Lets the vendor do the work once, and loses its answer. */
  loseOneAnswer(op) {
    return this.call("POST", "/faults", { op, phase: "afterCommit", action: "connReset", times: 1 });
  }

  /** Lists all objects of a kind, such as "junkie/keys": the truth, whatever callers were told. */
  async objects(collection) {
    return (await this.call("GET", "/" + collection)).items;
  }

  /** Lists what the program sent in vain. */
  async findings() {
    return (await this.call("GET", "/findings")).items;
  }
}

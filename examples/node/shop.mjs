// The part of a shop that talks to the vendors: it sells a key of each, for one day.
//
// Only what Node has is used, so that nothing hides what goes over the wire. Addresses and
// credentials come from the environment, in production as in tests.

const env = process.env;

/** The answer got lost: the vendor may have done the work. Look before trying again. */
export class Unknown extends Error {}

/** The vendor said no. */
export class Refused extends Error {
  constructor(status, text) {
    super(`${status}: ${text}`);
    this.status = status;
  }
}

/** Sends a request once. Whatever creates something must never be sent again blindly. */
export async function ask(method, url, document, headers) {
  let answer, text;
  try {
    answer = await fetch(url, {
      method,
      headers: { "Content-Type": "application/json", ...headers },
      body: document && JSON.stringify(document),
      redirect: "error",
      signal: AbortSignal.timeout(10_000),
    });
    text = await answer.text();
  } catch (lost) {
    throw new Unknown(`${method}: ${lost.message}`, { cause: lost });
  }
  if (answer.status >= 500) throw new Unknown(`${method} answered ${answer.status}`);
  if (!answer.ok) throw new Refused(answer.status, text);
  return JSON.parse(text);
}

/** Sells a key of Junkie; the order's name tells later whether it was made. */
export function sellJunkie(order, provider) {
  return ask("POST", env.JUNKIE_BASE_URL + "/keys", { provider_id: provider, key_name: order, validity_minutes: 24 * 60 }, {
    Authorization: "Bearer " + env.JUNKIE_API_KEY,
  });
}

/** Sells a key of LuaProt, with the order as its note. */
export function sellLuaProt(order, hub) {
  return ask("POST", `${env.LUAPROT_BASE_URL}/api/v2/hubs/${hub}/keys/add`, { expire: 24 * 3600, note: order }, {
    Authorization: env.LUAPROT_API_KEY,
  });
}

/** Sells a license of Keycrate, with the order as its tag. */
export function sellKeycrate(order, subscription) {
  return ask(
    "POST",
    env.KEYCRATE_BASE_URL + "/license/create",
    {
      app_id: env.KEYCRATE_APP_ID,
      subscription_id: subscription,
      duration_unit: "days",
      duration_value: 1,
      tags: [order],
    },
    { "x-api-key": env.KEYCRATE_API_KEY },
  );
}

/** Sells a license of Keygen under an id of the shop's own: sent twice, it is made once. */
export function sellKeygen(orderId, policy) {
  return ask(
    "POST",
    `${env.KEYGEN_BASE_URL}/accounts/${env.KEYGEN_ACCOUNT}/licenses`,
    {
      data: {
        type: "licenses",
        id: orderId,
        relationships: { policy: { data: { type: "policies", id: policy } } },
      },
    },
    { "Content-Type": "application/vnd.api+json", Authorization: "Bearer " + env.KEYGEN_TOKEN },
  );
}

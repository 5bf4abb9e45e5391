package luaprotmock

import "slices"

// What becomes of that which belongs to what is removed is not known of the
// vendor. Assumed: it goes as well, since nothing of it can be without its
// account or hub; and a script stays while keys are limited to it, since they
// would open every other script without it.

// removeAccount removes an account with all that belongs to it.
func (t *turn) removeAccount(c *customer) {
	for _, h := range slices.Collect(t.state.hubsOf(c.ID)) {
		t.removeHub(h)
	}
	for _, k := range slices.Collect(t.state.apiKeys.Only(func(k *apiKey) bool { return k.Owner == c.ID })) {
		t.removeAPIKey(k)
	}
	t.state.customers.Drop(c.ID)
	t.Effect(EffectAccountRemoved, c.ID, "")
}

func (t *turn) removeAPIKey(k *apiKey) {
	t.state.apiKeys.Drop(k.Secret)
	t.Effect(EffectAPIKeyRemoved, k.Owner, "")
}

// removeHub removes a hub with its keys and scripts.
func (t *turn) removeHub(h *hub) {
	t.deleteKeys(h.Owner, t.state.keys.inHub(h)...)
	for _, of := range slices.Collect(t.state.scripts.Only(func(of *script) bool { return of.HubID == h.ID })) {
		t.removeScript(of)
	}
	t.state.hubs.Drop(h.ID)
	t.Effect(EffectHubRemoved, h.ID, "")
}

// removeScript removes a script that no key is limited to.
func (t *turn) removeScript(of *script) {
	t.state.scripts.Drop(of.ID)
	t.Effect(EffectScriptRemoved, of.ID, "")
}

func (t *turn) removeDiscordData(d *discordRecord) {
	t.state.discord.Drop(d.DiscordID)
	t.Effect(EffectDiscordDataRemoved, d.DiscordID, "")
}

package luaprotmock

import "time"

// What the owner of an account adds comes in by the functions below, whoever
// asks for it: what is left open is filled in, and what cannot be is refused
// before anything has changed.

// addAccount adds an account with its first API key, or with none. An empty id
// is filled in.
func (t *turn) addAccount(c *customer, first *apiKey) error {
	if first != nil {
		if err := t.state.checkSecret("apiKey", first.Secret); err != nil {
			return err
		}
	}
	if c.ID == "" {
		c.ID = t.state.newCustomerID()
	} else if err := t.state.checkAccountID(c.ID); err != nil {
		return err
	}
	t.state.customers.Put(c.ID, c)
	t.Effect(EffectAccountAdded, c.ID, "")
	if first == nil {
		return nil
	}
	first.Owner = c.ID
	return t.addAPIKey(first)
}

// addAPIKey adds an API key. An empty secret is filled in.
func (t *turn) addAPIKey(k *apiKey) error {
	if err := t.state.checkSecret("key", k.Secret); err != nil {
		return err
	}
	if k.Secret == "" {
		k.Secret = "mock-luaprot-" + t.Rand.Hex(12)
	}
	t.state.apiKeys.Put(k.Secret, k)
	t.Effect(EffectAPIKeyAdded, k.Owner, "")
	return nil
}

// addHub adds a hub. An empty id is filled in.
func (t *turn) addHub(h *hub) error {
	if err := t.state.checkHub(h.Hub); err != nil {
		return err
	}
	if h.ID == "" {
		h.ID = t.newID()
	}
	t.state.hubs.Put(h.ID, h)
	t.Effect(EffectHubAdded, h.ID, h.Name)
	return nil
}

// addScript adds a script. An empty id is filled in, and so is an empty hub.
func (t *turn) addScript(owner string, of *script) error {
	if err := t.state.checkScript(owner, of); err != nil {
		return err
	}
	of.HubID = t.settle(owner, of.HubID)
	if of.ID == "" {
		of.ID = t.newID()
	}
	t.state.scripts.Put(of.ID, of)
	t.Effect(EffectScriptAdded, of.ID, of.Name)
	return nil
}

// settle returns the hub of what comes into an account, which is made if there
// is none yet.
func (t *turn) settle(owner, hubID string) string {
	if hubID = t.state.hubOf(owner, hubID); hubID != "" {
		return hubID
	}
	first := &hub{Hub: Hub{Name: "default"}, Owner: owner}
	_ = t.addHub(first) // nothing can be wrong with it
	return first.ID
}

// saveDiscordData keeps what the vendor knows of a Discord user, in place of
// what it knew. An empty id and times that are zero are filled in.
func (t *turn) saveDiscordData(d *discordRecord) error {
	if err := checkDiscord(d); err != nil {
		return err
	}
	if d.ID == "" {
		d.ID = d.DiscordID
	}
	for _, at := range []*time.Time{&d.ModifiedAt, &d.CreatedAt} {
		if at.IsZero() {
			*at = t.now
		}
	}
	d.normalize()
	if known := t.state.discord.Get(d.DiscordID); known != nil {
		*known = *d
	} else {
		t.state.discord.Put(d.DiscordID, d)
	}
	t.Effect(EffectDiscordDataSaved, d.DiscordID, d.Username)
	return nil
}

// seedKey adds a key in any state. What is left open is filled in.
func (t *turn) seedKey(owner string, k *record) error {
	if err := t.completeSeed(owner, k); err != nil {
		return err
	}
	t.insert(owner, k)
	return nil
}

// completeSeed fills in what a seeded key leaves open, or says why the key
// cannot be. It changes nothing but the key, save for a default hub.
func (t *turn) completeSeed(owner string, k *record) error {
	if err := t.state.checkKey(owner, k); err != nil {
		return err
	}
	k.HubID = t.settle(owner, k.HubID)
	if k.Value == "" {
		k.Value = t.newValue()
	}
	if k.CreatedAt.IsZero() {
		k.CreatedAt = t.now
	}
	k.normalize()
	return nil
}

// normalize brings a key to the form in which the world keeps it.
func (k *record) normalize() {
	for _, at := range []*time.Time{&k.CreatedAt, &k.ExpiresAt, &k.LastHWIDResetAt, &k.LastExecutionAt} {
		*at = moment(*at)
	}
	k.Blacklisted = k.Blacklisted || k.GloballyBlacklisted
	if len(k.LimitedScripts) == 0 {
		k.LimitedScripts = nil
	}
}

// normalize brings a record to the form in which the world keeps it.
func (d *discordRecord) normalize() {
	d.ModifiedAt, d.CreatedAt = moment(d.ModifiedAt), moment(d.CreatedAt)
}

// seeded makes a record of a key as a test describes it.
func seeded(k Key) *record {
	return (&record{Key: k, Noted: k.Note != "", Reasoned: k.BlacklistReason != ""}).clone()
}

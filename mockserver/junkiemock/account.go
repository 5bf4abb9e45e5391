package junkiemock

import "strconv"

// Account is one customer of the vendor: the owner of providers, services,
// folders, keys, API keys and bans. [World] has a default one and forwards to
// it; a second account is good for proving that a shop cannot reach the keys of
// another.
type Account struct {
	world  *World
	userID int64
	apiKey string
}

// UserID returns the account's number, the user_id of its keys.
func (a *Account) UserID() int64 { return a.userID }

// APIKey returns the account's first API key, which has [ScopeREST].
func (a *Account) APIKey() string { return a.apiKey }

// AddAPIKey adds an API key with exactly these scopes. Without [ScopeREST] the
// vendor answers it with 403.
func (a *Account) AddAPIKey(scopes ...string) string {
	var value string
	a.world.act(ActAddAPIKey, func(t *turn) error {
		k, err := t.addAPIKey(&apiKey{UserID: a.userID, Scopes: scopes})
		if err == nil {
			value = k.Value
		}
		return err
	})
	return value
}

// AddProvider adds a provider.
func (a *Account) AddProvider(name string, opts ...ProviderOption) (p Provider) {
	made := Provider{UserID: a.userID, Name: name}
	for _, opt := range opts {
		opt(&made)
	}
	a.world.act(ActAddProvider, func(t *turn) (err error) {
		p, err = t.addProvider(made)
		return err
	})
	return p
}

// AddService adds a service.
func (a *Account) AddService(name string, opts ...ServiceOption) (s Service) {
	made := Service{UserID: a.userID, Name: name}
	for _, opt := range opts {
		opt(&made)
	}
	a.world.act(ActAddService, func(t *turn) (err error) {
		s, err = t.addService(made)
		return err
	})
	return s
}

// AddFolder adds a folder. Names need not be unique.
func (a *Account) AddFolder(name string) (f Folder) {
	a.world.act(ActAddFolder, func(t *turn) (err error) {
		f, err = t.addFolder(Folder{UserID: a.userID, Name: name})
		return err
	})
	return f
}

// AddKey puts a key into the account as it is, in any state, and returns it as
// it then is. What is zero is filled in: ID and Value with new ones, ProviderID
// with the account's first provider (one named "default" is added if there is
// none), CreatedAt with now, ExpiresAt with what ValidityMinutes gives, of each
// device BoundAt with CreatedAt and BoundBy with [BoundByManual], and of a
// redemption RedeemedAt with CreatedAt and Status with "redeemed". UserID is always
// the account's. The bounds of the API do not apply.
//
//	w.AddKey(junkiemock.Key{ValidityMinutes: 60, CreatedAt: s.Now().Add(-2 * time.Hour)}) // expired
//	w.AddKey(junkiemock.Key{UsedAt: s.Now(), HWIDLimit: 1, Devices: []junkiemock.Device{{HWID: "pc"}}})
func (a *Account) AddKey(k Key) Key {
	a.world.act(ActAddKey, func(t *turn) error {
		r := newRecord(k, a.userID)
		if err := t.addKey(r); err != nil {
			return err
		}
		k = r.clone().Key
		return nil
	})
	return k
}

// Keys returns all keys of the account, oldest first.
func (a *Account) Keys() []Key {
	var keys []Key
	a.world.look(func(s *state) {
		for k := range s.keys.owned[a.userID].All() {
			keys = append(keys, k.clone().Key)
		}
	})
	return keys
}

// BanDevice bans a device from the account's services. A second ban of the same
// device replaces the first.
func (a *Account) BanDevice(b Ban) {
	b.UserID = a.userID
	a.world.act(ActBanDevice, func(t *turn) error { return t.banDevice(b) })
}

// UnbanDevice lifts the ban of a device and reports whether there was one. Keys
// that the ban invalidated stay invalidated.
func (a *Account) UnbanDevice(hwid string) (lifted bool) {
	a.world.act(ActUnbanDevice, func(t *turn) error {
		var b Ban
		if b, lifted = t.state.bans.byMark[banOf(a.userID, hwid)]; lifted {
			t.liftBan(b)
		}
		return nil
	})
	return lifted
}

func decimal(id int64) string { return strconv.FormatInt(id, 10) }

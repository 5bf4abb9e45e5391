package junkiemock

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Account is one customer of the vendor: the owner of providers, services,
// folders, keys, API keys and bans. [World] has a default one and forwards to
// it; a second account is good for proving that a shop cannot reach the keys of
// another.
type Account struct {
	world  *World
	userID int64
	apiKey string
}

// Provider is where keys come from. Every key belongs to one.
type Provider struct {
	ID        int64
	UserID    int64
	Name      string
	KeyPrefix string // put before the values of its keys, with a dash
}

// Service is what a key opens.
type Service struct {
	ID      int64
	UserID  int64
	Name    string
	Premium bool // only premium keys open it
	Keyless bool // everyone may enter without a key
}

// Folder sorts keys; it has no other effect.
type Folder struct {
	ID        int64
	UserID    int64
	Name      string
	CreatedAt time.Time
}

// Ban keeps a device out of an account's services.
type Ban struct {
	HWID           string    // 3 to 128 characters, compared exactly
	Until          time.Time // zero: for ever
	InvalidateKeys bool      // also invalidate every key the device is bound to
}

// ProviderOption sets up a provider; see [KeyPrefix].
type ProviderOption func(*Provider)

// KeyPrefix makes a provider put a prefix and a dash before the values of its
// keys: KeyPrefix("SHOP") gives "SHOP-xxxxxxxx-xxxx-4xxx-xxxx-xxxxxxxxxxxx". It
// must not hold lower-case letters.
func KeyPrefix(prefix string) ProviderOption {
	return func(p *Provider) { p.KeyPrefix = prefix }
}

// ServiceOption sets up a service; see [Premium] and [Keyless].
type ServiceOption func(*Service)

// Premium makes a service that only premium keys open.
func Premium() ServiceOption { return func(s *Service) { s.Premium = true } }

// Keyless makes a service that everyone may enter without a key.
func Keyless() ServiceOption { return func(s *Service) { s.Keyless = true } }

// UserID returns the account's number, the user_id of its keys.
func (a *Account) UserID() int64 { return a.userID }

// APIKey returns the account's first API key, which has [ScopeREST].
func (a *Account) APIKey() string { return a.apiKey }

// AddAPIKey adds an API key with exactly these scopes. Without [ScopeREST] the
// vendor answers it with 403.
func (a *Account) AddAPIKey(scopes ...string) string {
	var secret string
	a.world.act(ActAddAPIKey, func(t *turn) error {
		secret = t.addAPIKey(a.userID, scopes...)
		return nil
	})
	return secret
}

func (t *turn) addAPIKey(userID int64, scopes ...string) string {
	secret := t.Rand.UUID()
	t.state.apiKeys[secret] = &apiKey{userID: userID, scopes: slices.Clone(scopes)}
	t.Effect(EffectAPIKeyAdded, decimal(userID), strings.Join(scopes, " "))
	return secret
}

// AddProvider adds a provider.
func (a *Account) AddProvider(name string, opts ...ProviderOption) Provider {
	p := Provider{UserID: a.userID, Name: name}
	for _, opt := range opts {
		opt(&p)
	}
	a.world.act(ActAddProvider, func(t *turn) error {
		if p.KeyPrefix != strings.ToUpper(p.KeyPrefix) {
			return fmt.Errorf("key prefix %q has lower-case letters: the vendor's have none", p.KeyPrefix)
		}
		p = t.addProvider(p)
		return nil
	})
	return p
}

func (t *turn) addProvider(p Provider) Provider {
	p.ID = next(&t.state.last.provider)
	t.state.providers[p.ID] = p
	t.Effect(EffectProviderAdded, decimal(p.ID), p.Name)
	return p
}

// AddService adds a service.
func (a *Account) AddService(name string, opts ...ServiceOption) Service {
	s := Service{UserID: a.userID, Name: name}
	for _, opt := range opts {
		opt(&s)
	}
	a.world.act(ActAddService, func(t *turn) error {
		s.ID = next(&t.state.last.service)
		t.state.services[s.ID] = s
		t.Effect(EffectServiceAdded, decimal(s.ID), name)
		return nil
	})
	return s
}

// AddFolder adds a folder. Names need not be unique.
func (a *Account) AddFolder(name string) Folder {
	f := Folder{UserID: a.userID, Name: name}
	a.world.act(ActAddFolder, func(t *turn) error {
		f.ID, f.CreatedAt = next(&t.state.last.folder), t.now
		t.state.folders[f.ID] = f
		t.Effect(EffectFolderAdded, decimal(f.ID), name)
		return nil
	})
	return f
}

// AddKey puts a key into the account as it is, in any state, and returns it as
// it then is. What is zero is filled in: ID and Value with new ones, ProviderID
// with the account's first provider (one named "default" is added if there is
// none), CreatedAt with now, ExpiresAt with what ValidityMinutes gives, and of
// each device BoundAt with CreatedAt and BoundBy with [BoundByManual]. UserID
// is always the account's. The bounds of the API do not apply.
//
//	w.AddKey(junkiemock.Key{ValidityMinutes: 60, CreatedAt: s.Now().Add(-2 * time.Hour)}) // expired
//	w.AddKey(junkiemock.Key{UsedAt: s.Now(), HWIDLimit: 1, Devices: []junkiemock.Device{{HWID: "pc"}}})
func (a *Account) AddKey(k Key) Key {
	a.world.act(ActAddKey, func(t *turn) error {
		r := (&record{Key: k, Named: k.Name != "", Limited: k.HWIDLimit != 0}).clone()
		r.UserID = a.userID
		if err := t.completeSeed(r); err != nil {
			return err
		}
		t.insert(r)
		k = r.clone().Key
		return nil
	})
	return k
}

// Keys returns all keys of the account, oldest first.
func (a *Account) Keys() []Key {
	var keys []Key
	a.world.look(func(s *state) {
		for _, k := range s.keys.owned[a.userID].All() {
			keys = append(keys, k.clone().Key)
		}
	})
	return keys
}

// BanDevice bans a device from the account's services. A second ban of the same
// device replaces the first.
func (a *Account) BanDevice(b Ban) {
	a.world.act(ActBanDevice, func(t *turn) error {
		if n := utf8.RuneCountInString(b.HWID); n < 3 || n > 128 {
			return fmt.Errorf("the HWID of a ban has 3 to 128 characters, not %d", n)
		}
		t.ban(a.userID, b)
		return nil
	})
}

// UnbanDevice lifts the ban of a device and reports whether there was one. Keys
// that the ban invalidated stay invalidated.
func (a *Account) UnbanDevice(hwid string) (lifted bool) {
	a.world.act(ActUnbanDevice, func(t *turn) error {
		id := banned{a.userID, hwid}
		if _, lifted = t.state.bans[id]; lifted {
			delete(t.state.bans, id)
			t.Effect(EffectBanLifted, hwid, "")
		}
		return nil
	})
	return lifted
}

func (t *turn) ban(userID int64, b Ban) {
	t.state.bans[banned{userID, b.HWID}] = b
	t.Effect(EffectDeviceBanned, b.HWID, "")
	if !b.InvalidateKeys {
		return
	}
	for _, k := range t.state.keys.owned[userID].All() {
		if !k.Invalidated && k.bound(b.HWID) {
			t.Decided(ruleBanInvalidates)
			k.Invalidated = true
			t.Effect(EffectKeyInvalidated, decimal(k.ID), "")
		}
	}
}

func decimal(id int64) string { return strconv.FormatInt(id, 10) }

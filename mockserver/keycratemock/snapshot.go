package keycratemock

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// snapshot is the whole state as a document. Its lists are in the order of the
// state, from which the indexes follow.
type snapshot struct {
	settings
	EndUsers      core.Window
	LastAPIKey    int
	Apps          []App
	Subscriptions []Subscription
	APIKeys       []apiKey
	Licenses      []keptLicense
	Blacklist     []BlacklistLine
}

// keptLicense is a license as a snapshot has it, which is written when nobody waits
// for the state any more.
type keptLicense struct{ *record }

// licenseKept is a license with what nobody outside sees. Its end is in
// milliseconds of Unix: an extension may lead beyond the years that RFC 3339 has.
type licenseKept struct {
	License
	ExpiresAt int64
	Metadata  json.RawMessage
	Password  *password
}

// MarshalJSON writes the license.
func (k keptLicense) MarshalJSON() ([]byte, error) {
	return json.Marshal(licenseKept{k.License, k.ExpiresAt.UnixMilli(), k.metadata, k.password})
}

// UnmarshalJSON reads a license.
func (k *keptLicense) UnmarshalJSON(raw []byte) error {
	var l licenseKept
	err := core.ReadKept(raw, &l)
	k.record = &record{License: l.License, metadata: l.Metadata, password: l.Password}
	k.ExpiresAt = time.UnixMilli(l.ExpiresAt)
	return err
}

// Snapshot takes the state down.
func (v *vendor) Snapshot() (document func() any) {
	s := v.state
	kept := snapshot{settings: s.settings, EndUsers: s.endUsers, LastAPIKey: s.lastAPIKey}
	for a := range s.apps.All() {
		kept.Apps = append(kept.Apps, *a)
	}
	for sub := range s.subscriptions.All() {
		kept.Subscriptions = append(kept.Subscriptions, *sub)
	}
	for k := range s.apiKeys.All() {
		kept.APIKeys = append(kept.APIKeys, k.clone())
	}
	for line := range s.blacklist.All() {
		kept.Blacklist = append(kept.Blacklist, line)
	}
	licenses := s.viewLicenses()
	return func() any {
		kept.Licenses = nil
		for _, r := range core.ListAll(licenses) {
			kept.Licenses = append(kept.Licenses, keptLicense{r})
		}
		return kept
	}
}

// Restore reads a state, and refuses what the world could not come to.
func (v *vendor) Restore(document json.RawMessage) (put func(), err error) {
	var kept snapshot
	if err := core.ReadKept(document, &kept); err != nil {
		return nil, err
	}
	s, err := kept.state()
	if err != nil {
		return nil, err
	}
	return func() { *v.state = *s }, nil
}

// state builds the state anew. What refers to others comes after them.
func (k snapshot) state() (*state, error) {
	s := &state{settings: k.settings, endUsers: k.EndUsers, licenses: newStore()}
	err := core.InOrder(
		s.Origin.check,
		s.Limit.Check,
		core.Each("Apps", k.Apps, s.keepApp),
		core.Each("Subscriptions", k.Subscriptions, s.keepSubscription),
		core.Each("APIKeys", k.APIKeys, s.keepAPIKey),
		core.Each("Licenses", k.Licenses, s.keepLicense),
		core.Each("Blacklist", k.Blacklist, s.keepLine),
		func() error { return s.keepLast(k.LastAPIKey) },
	)
	switch {
	case err != nil:
		return nil, err
	case !s.apps.Has(defaultAppID):
		return nil, errors.New("the first app is missing")
	case !s.apiKeys.Has(defaultAPIKey):
		return nil, errors.New("the first API key is missing")
	}
	return s, nil
}

func (s *state) keepApp(a App) error {
	if a.ID == "" {
		return core.BadMember("/id", "is missing")
	}
	if err := s.checkApp(a, nil); err != nil {
		return err
	}
	s.apps.Put(a.ID, &a)
	return nil
}

func (s *state) keepSubscription(sub Subscription) error {
	if sub.ID == "" {
		return core.BadMember("/id", "is missing")
	}
	if err := s.checkSubscription(sub, nil); err != nil {
		return err
	}
	s.putSubscription(&sub)
	return nil
}

func (s *state) keepAPIKey(k apiKey) error {
	if k.Key == "" {
		return core.BadMember("/key", "is missing")
	}
	if err := s.checkAPIKey(k.APIKey); err != nil {
		return err
	}
	if k.Number <= s.lastAPIKey {
		return fmt.Errorf("number %d does not come after %d", k.Number, s.lastAPIKey)
	}
	s.lastAPIKey = k.Number
	s.apiKeys.Put(k.Key, &k)
	return nil
}

// keepLast keeps the number of the latest API key, which may be there no more.
func (s *state) keepLast(number int) error {
	if number < s.lastAPIKey {
		return fmt.Errorf("the latest API key cannot be number %d", number)
	}
	s.lastAPIKey = number
	return nil
}

func (s *state) keepLicense(l keptLicense) error {
	switch {
	case l.ID == "":
		return core.BadMember("/id", "is missing")
	case l.Key == "":
		return core.BadMember("/key", "is missing")
	case !bytes.HasPrefix(l.metadata, []byte("{")):
		return core.BadMember("/metadata", "is no object")
	}
	l.metadata = compactObject(l.metadata)
	unchecked := l.License
	unchecked.ExpiresAt = time.Time{} // which may lie beyond what can be written
	l.keepForm()
	if err := cmp.Or(core.CheckWritable(unchecked), s.checkLicense(l.record, nil)); err != nil {
		return err
	}
	s.licenses.add(l.record)
	return nil
}

func (s *state) keepLine(line BlacklistLine) error {
	if err := line.check(); err != nil {
		return err
	}
	if s.blacklist.Has(line) {
		return core.Taken("/value", "line")
	}
	s.blacklist.Put(line, line)
	return nil
}

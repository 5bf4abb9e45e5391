package keycratemock

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// snapshot is the whole state as a document. Its lists are in the order of the
// state, from which the indexes follow.
type snapshot struct {
	settings
	EndUsers      rateWindow
	LastAPIKey    int
	Apps          []App
	Subscriptions []Subscription
	APIKeys       []apiKey
	Licenses      []keptLicense
	Blacklist     []BlacklistLine
}

// keptLicense is a license with what nobody outside sees. Its end is in
// milliseconds of Unix: an extension may lead beyond the years that RFC 3339 has.
type keptLicense struct {
	License
	ExpiresAt int64
	Metadata  json.RawMessage
	Password  *password
}

// Snapshot takes the state down.
func (v *vendor) Snapshot() any {
	s := v.state
	kept := snapshot{settings: s.settings, EndUsers: s.endUsers, LastAPIKey: s.lastAPIKey}
	for a := range s.apps.all() {
		kept.Apps = append(kept.Apps, *a)
	}
	for sub := range s.subscriptions.all() {
		kept.Subscriptions = append(kept.Subscriptions, *sub)
	}
	for k := range s.apiKeys.all() {
		kept.APIKeys = append(kept.APIKeys, k.clone())
	}
	for _, r := range s.licenses.all() {
		c := r.clone()
		kept.Licenses = append(kept.Licenses, keptLicense{c.License, c.ExpiresAt.UnixMilli(), c.metadata, c.password})
	}
	for line := range s.blacklist.all() {
		kept.Blacklist = append(kept.Blacklist, line)
	}
	return kept
}

// Restore reads a state, and refuses what the world could not come to.
func (v *vendor) Restore(document json.RawMessage) (put func(), err error) {
	var kept snapshot
	dec := json.NewDecoder(bytes.NewReader(document))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&kept); err != nil {
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
	for _, part := range []func() error{
		s.Origin.check,
		s.Limit.check,
		func() error { return each("app %d", k.Apps, s.keepApp) },
		func() error { return each("subscription %d", k.Subscriptions, s.keepSubscription) },
		func() error { return each("API key %d", k.APIKeys, s.keepAPIKey) },
		func() error { return each("license %d", k.Licenses, s.keepLicense) },
		func() error { return each("line of the blacklist %d", k.Blacklist, s.keepLine) },
		func() error { return s.keepLast(k.LastAPIKey) },
	} {
		if err := part(); err != nil {
			return nil, err
		}
	}
	switch {
	case !s.apps.has(defaultAppID):
		return nil, errors.New("the first app is missing")
	case !s.apiKeys.has(defaultAPIKey):
		return nil, errors.New("the first API key is missing")
	}
	return s, nil
}

// each does something with each object of a list, until it fails; where names the
// object by its number.
func each[T any](where string, list []T, do func(T) error) error {
	for i, object := range list {
		if err := do(object); err != nil {
			return fmt.Errorf(where+": %w", i, err)
		}
	}
	return nil
}

var errNoName = errors.New("it has no name of its own")

func (s *state) keepApp(a App) error {
	if a.ID == "" {
		return errNoName
	}
	if err := s.checkApp(a, nil); err != nil {
		return err
	}
	s.apps.add(a.ID, &a)
	return nil
}

func (s *state) keepSubscription(sub Subscription) error {
	if sub.ID == "" {
		return errNoName
	}
	if err := s.checkSubscription(sub, nil); err != nil {
		return err
	}
	s.putSubscription(&sub)
	return nil
}

func (s *state) keepAPIKey(k apiKey) error {
	if k.Key == "" {
		return errNoName
	}
	if err := s.checkAPIKey(k.APIKey); err != nil {
		return err
	}
	if k.Number <= s.lastAPIKey {
		return fmt.Errorf("number %d does not come after %d", k.Number, s.lastAPIKey)
	}
	s.lastAPIKey = k.Number
	s.apiKeys.add(k.Key, &k)
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
	if l.Key == "" || l.ID == "" {
		return errNoName
	}
	if !bytes.HasPrefix(l.Metadata, []byte("{")) {
		return errors.New("its metadata is no object")
	}
	r := &record{License: l.License, metadata: compactObject(l.Metadata), password: l.Password}
	r.ExpiresAt = time.UnixMilli(l.ExpiresAt)
	r.keepForm()
	if err := s.checkLicense(r, nil); err != nil {
		return err
	}
	s.licenses.add(r)
	return nil
}

func (s *state) keepLine(line BlacklistLine) error {
	if err := line.check(); err != nil {
		return err
	}
	if s.blacklist.has(line) {
		return errors.New("it is there twice")
	}
	s.blacklist.add(line, line)
	return nil
}

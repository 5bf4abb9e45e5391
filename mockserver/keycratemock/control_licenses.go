package keycratemock

import (
	"cmp"
	"encoding/json"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// licenseSheet describes a license.
type licenseSheet struct {
	ID                string         `json:"id"`
	Key               string         `json:"key"`
	App               string         `json:"app"`
	Subscription      *string        `json:"subscription"` // null: it is lost
	Status            string         `json:"status"`
	Username          *string        `json:"username"`
	Password          secret         `json:"password,omitzero"`
	HasPassword       bool           `json:"hasPassword"`
	HWIDLock          bool           `json:"hwidLock"`
	HWID              *string        `json:"hwid"`
	HWIDResetAllowed  bool           `json:"hwidResetAllowed"`
	HWIDResetCooldown core.Duration  `json:"hwidResetCooldown"`
	LastHWIDResetAt   *core.Instant  `json:"lastHwidResetAt"`
	DurationUnit      string         `json:"durationUnit"`
	DurationValue     *int64         `json:"durationValue"`
	DurationSeconds   *int64         `json:"durationSeconds"`
	ActivatedAt       *core.Instant  `json:"activatedAt"`
	ExpiresAt         *core.Instant  `json:"expiresAt"`
	Expired           bool           `json:"expired"`
	Metadata          map[string]any `json:"metadata"`
	Tags              []string       `json:"tags"`
	CreatedAt         core.Instant   `json:"createdAt"`
	UpdatedAt         core.Instant   `json:"updatedAt"`
}

// secret is a text that is told and never shown. An empty one is told, too: it
// takes away what there was.
type secret struct{ text *string }

// MarshalJSON writes a secret for those who compare sheets; it is in no answer.
func (s secret) MarshalJSON() ([]byte, error) { return json.Marshal(s.text) }

// UnmarshalJSON reads a secret.
func (s *secret) UnmarshalJSON(raw []byte) error { return json.Unmarshal(raw, &s.text) }

// Wants says what is to be sent.
func (*secret) Wants() string { return "a string" }

func (v *vendor) controlledLicenses() core.Kind[*record, licenseSheet] {
	return core.Kind[*record, licenseSheet]{
		Name: "licenses", Noun: "license", Keyed: true,
		All:  func() iter.Seq[*record] { return slices.Values(slices.SortedFunc(v.state.allLicenses(), older)) },
		Find: func(id string) (*record, bool) { return found(v.state.license(id)) },
		Show: func(t *core.Turn, r *record) licenseSheet { return v.turn(t).sheet(r) },
		Blank: func() licenseSheet {
			return licenseSheet{Subscription: new(string), ActivatedAt: new(core.Instant)} // not null, but left open
		},
		Create: func(t *core.Turn, d licenseSheet) (*record, error) { return v.turn(t).createLicense(d) },
		Change: func(t *core.Turn, r *record, d licenseSheet) (*record, error) {
			return v.turn(t).changeLicense(r, d)
		},
		Remove: func(t *core.Turn, r *record) error {
			v.turn(t).deleteAll([]*record{r})
			return nil
		},
		Derived: []string{"hasPassword", "expired"},
		Fixed:   []string{"id", "key"},
		Filters: map[string]core.Test[*record]{
			"app": func(_ *core.Turn, r *record, want string) bool { return v.state.isOfApp(want, r.AppID) },
			"subscription": func(_ *core.Turn, r *record, want string) bool {
				return v.state.isOfSubscription(want, r.SubscriptionID)
			},
			"key":      func(_ *core.Turn, r *record, want string) bool { return r.Key == want },
			"status":   func(_ *core.Turn, r *record, want string) bool { return r.Status == want },
			"username": func(_ *core.Turn, r *record, want string) bool { return r.Username == want },
			"hwid":     func(_ *core.Turn, r *record, want string) bool { return r.HWID == want },
			"tag":      func(_ *core.Turn, r *record, want string) bool { return slices.Contains(r.Tags, want) },
			"expired":  func(t *core.Turn, r *record, want string) bool { return isBool(want, r.expired(v.turn(t).now)) },
		},
	}
}

// license finds a license by its id or its key.
func (s *state) license(name string) *record {
	if r := s.licenses.byID[strings.ToLower(name)]; r != nil {
		return r
	}
	return s.licenses.byKey[name]
}

func (t *turn) sheet(r *record) licenseSheet {
	sub := t.state.subscriptions.Get(r.SubscriptionID)
	return licenseSheet{
		ID:                r.ID,
		Key:               r.Key,
		App:               r.AppID,
		Subscription:      core.Nullable(r.SubscriptionID, sub != nil),
		Status:            r.Status,
		Username:          core.OrNil(r.Username),
		HasPassword:       r.password != nil,
		HWIDLock:          r.HWIDLock,
		HWID:              core.OrNil(r.HWID),
		HWIDResetAllowed:  r.HWIDResetAllowed,
		HWIDResetCooldown: core.Duration(r.HWIDResetCooldown),
		LastHWIDResetAt:   core.InstantOrNil(r.LastHWIDResetAt),
		DurationUnit:      r.DurationUnit,
		DurationValue:     core.Nullable(r.DurationValue, !r.Lifetime()),
		DurationSeconds:   core.Nullable(r.DurationSeconds, !r.Lifetime()),
		ActivatedAt:       core.InstantOrNil(r.ActivatedAt),
		ExpiresAt:         core.InstantOrNil(r.ExpiresAt),
		Expired:           r.expired(t.now),
		Metadata:          readFields(r.metadata),
		Tags:              slices.Clone(r.Tags),
		CreatedAt:         core.Instant{Time: r.CreatedAt},
		UpdatedAt:         core.Instant{Time: r.UpdatedAt},
	}
}

// recordOf is the license that a sheet describes, but for its password.
func (s *state) recordOf(d licenseSheet) (*record, error) {
	r := &record{License: License{
		ID:                strings.ToLower(d.ID),
		Key:               d.Key,
		Status:            d.Status,
		Username:          core.OrZero(d.Username),
		HWIDLock:          d.HWIDLock,
		HWID:              core.OrZero(d.HWID),
		HWIDResetAllowed:  d.HWIDResetAllowed,
		HWIDResetCooldown: time.Duration(d.HWIDResetCooldown),
		LastHWIDResetAt:   d.LastHWIDResetAt.OrZero(),
		DurationUnit:      d.DurationUnit,
		DurationValue:     core.OrZero(d.DurationValue),
		DurationSeconds:   core.OrZero(d.DurationSeconds),
		ActivatedAt:       d.ActivatedAt.OrZero(),
		ExpiresAt:         d.ExpiresAt.OrZero(),
		Metadata:          d.Metadata,
		Tags:              d.Tags,
		CreatedAt:         d.CreatedAt.Time,
		UpdatedAt:         d.UpdatedAt.Time,
	}}
	return r, s.locate(r, d)
}

// lostSubscriptionID is the subscription of a license that is made without one. No
// subscription can have it.
const lostSubscriptionID = "00000000-0000-4000-8000-00000000dead"

// locate finds app and subscription of a license that names them. What is empty
// stays open.
func (s *state) locate(r *record, d licenseSheet) error {
	if d.App != "" {
		a, err := s.app("/app", d.App)
		if err != nil {
			return err
		}
		r.AppID = a.ID
	}
	switch {
	case d.Subscription == nil:
		r.SubscriptionID = lostSubscriptionID
	case *d.Subscription != "":
		sub, err := s.subscription("/subscription", *d.Subscription, r.AppID)
		if err != nil {
			return err
		}
		r.SubscriptionID = sub.ID
		r.AppID = cmp.Or(r.AppID, sub.AppID)
	}
	return nil
}

func (t *turn) createLicense(d licenseSheet) (*record, error) {
	r, err := t.state.recordOf(d)
	if err != nil {
		return nil, err
	}
	r.AppID = cmp.Or(r.AppID, defaultAppID)
	if err := d.checkPassword(); err != nil {
		return nil, err
	}
	if err := t.addLicense(r, d.ActivatedAt != nil); err != nil {
		return nil, err
	}
	return t.state.licenses.change(r, func(r *record) { t.takePassword(r, d) }), nil
}

func (t *turn) changeLicense(r *record, d licenseSheet) (*record, error) {
	by, err := t.state.recordOf(d)
	switch {
	case err != nil:
		return nil, err
	case by.AppID != r.AppID || d.App == "":
		return nil, core.BadMember("/app", "cannot be changed: a license stays in its app")
	case by.SubscriptionID == "":
		return nil, core.BadMember("/subscription", "cannot be empty: null loses it")
	case d.Subscription == nil && t.state.subscriptions.Get(r.SubscriptionID) == nil:
		by.SubscriptionID = r.SubscriptionID // which is lost already
	}
	if err := d.checkPassword(); err != nil {
		return nil, err
	}
	by.completeEnd()
	if by.Username != "" {
		by.password = r.password
	}
	if err := t.settle(by, r); err != nil {
		return nil, err
	}
	t.takePassword(by, d)
	t.noteUpdate(by, r)
	t.state.licenses.replace(r, by)
	return by, nil
}

func (d licenseSheet) checkPassword() error {
	text := core.OrZero(d.Password.text)
	switch {
	case text == "":
		return nil
	case core.OrZero(d.Username) == "":
		return core.BadMember("/password", "cannot be: a license without a username has none")
	case !fits(text, maxPassword):
		return core.BadMember("/password", "has 1 to %d characters", maxPassword)
	}
	return nil
}

// takePassword gives a license the password that is told, if one is.
func (t *turn) takePassword(r *record, d licenseSheet) {
	switch {
	case d.Password.text == nil:
	case *d.Password.text == "":
		r.password = nil
	default:
		t.setPassword(r, *d.Password.text)
	}
}

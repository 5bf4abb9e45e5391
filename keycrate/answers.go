package keycrate

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/keysmith-go/keysmith/internal/keycratewire"
	"github.com/keysmith-go/keysmith/internal/transport"
	"github.com/keysmith-go/keysmith/internal/wire"
)

// The vendor documents of one answer only where its main part is: a list is
// under data. Whether the other answers have it there too, as an object, a list
// or the mere key, is not known, so it is looked for. But an answer without its
// main part must not pass for an empty one: a list that looks empty makes
// callers create what exists already. These answers have a Check that says what
// is missing; the transport reports it as ErrBadResponse.

// search finds what an answer is about: the items of a list, or one thing, which
// is an object that has one of its marks, or a text that is no message.
type search struct {
	names []string // members that it may be under, the likeliest first
	marks []string // texts that only such a thing has
	inner []string // texts that it has too, but that an answer as a whole may have
}

var (
	licenseSearch = search{
		names: []string{"data", "license", "licenses", "license_keys", "keys"},
		marks: []string{"key", "license_key", "license"},
		inner: []string{"status", "subscription_id", "duration_unit"},
	}
	subscriptionSearch = search{
		names: []string{"data", "subscription", "subscriptions"},
		marks: []string{"id", "subscription_id"},
	}
)

// deepest is how many objects may be around what is looked for.
const deepest = 2

// inAnswer looks into an answer, first where the vendor documents of one answer
// that it is: that spares a page another reading.
func (s search) inAnswer(data json.RawMessage, body []byte) (items []json.RawMessage, found bool) {
	if items, found = s.in(data, 1); found {
		return items, true
	}
	return s.in(body, 0)
}

// in looks into an answer or a part of it, which is valid JSON. What it returns
// is a copy, since the body of an answer is not there to stay.
func (s search) in(raw json.RawMessage, depth int) (items []json.RawMessage, found bool) {
	raw = bytes.TrimSpace(raw)
	switch {
	case bytes.HasPrefix(raw, []byte("[")) && depth > 0:
		_ = transport.Unmarshal(raw, &items)
		return items, true
	case bytes.HasPrefix(raw, []byte("{")):
		return s.inObject(raw, depth)
	default:
		return nil, false
	}
}

// inObject takes a text for the thing only if there is nothing else: it may as
// well be a word of success.
func (s search) inObject(raw json.RawMessage, depth int) (items []json.RawMessage, found bool) {
	var object map[string]json.RawMessage
	_ = transport.Unmarshal(raw, &object)
	has := func(marks []string) bool {
		return slices.ContainsFunc(marks, func(mark string) bool { return wire.Text(object[mark]) != "" })
	}
	inside := depth > 0
	if inside && has(s.marks) {
		return []json.RawMessage{bytes.Clone(raw)}, true
	}
	for _, name := range s.names {
		if depth < deepest {
			if items, found = s.in(object[name], depth+1); found {
				return items, true
			}
		}
	}
	if has(s.marks) || inside && has(s.inner) {
		return []json.RawMessage{bytes.Clone(raw)}, true
	}
	for _, name := range s.names {
		if text := wire.Text(object[name]); text != "" && !strings.ContainsAny(text, " \t\r\n") && depth < deepest {
			return []json.RawMessage{object[name]}, true
		}
	}
	return nil, false
}

// licenses is an answer about licenses, one or many. A list has the most
// members; the other answers have some of them.
type licenses struct {
	keycratewire.LicensePageResponse
	list    []*License
	found   bool // there is a place for licenses, if an empty one
	counted bool // the answer says how many there are
}

func (a *licenses) UnmarshalJSON(body []byte) error {
	if err := transport.Unmarshal(body, &a.LicensePageResponse); err != nil {
		return err
	}
	a.counted = a.Total.Has() || a.TotalPages.Has()
	items, found := licenseSearch.inAnswer(a.Data, body)
	a.found = found
	var room licenseRoom
	for _, item := range items {
		a.list = append(a.list, room.read(item))
	}
	return nil
}

// one returns the license that the answer shows, if it does, given the key that
// it was asked about. A mere key shows nothing that is not known.
func (a *licenses) one(key string) *License {
	for _, license := range a.list {
		if shows(license) && license.Raw[0] == '{' {
			license.Key = cmp.Or(license.Key, key)
			return license
		}
	}
	return nil
}

// shows reports whether an item of an answer is a license: it may be null.
func shows(license *License) bool {
	return license.Key != "" || license.Status != "" || license.SubscriptionID != "" || license.Duration.unit != ""
}

// confirms reports whether an answer says, in whatever words, that the call
// took effect.
func confirms(success wire.Lenient[bool], message wire.Lenient[string]) bool {
	yes, _ := success.Get()
	words, _ := message.Get()
	return yes || words != ""
}

// listAnswer has one page of licenses.
type listAnswer struct{ licenses }

// Check accepts null for an empty list only next to a count.
func (a *listAnswer) Check() error {
	if !a.found && !a.counted {
		return errors.New("the answer has neither licenses nor a count of them")
	}
	return nil
}

// createAnswer has new licenses.
type createAnswer struct{ licenses }

// Check wants licenses with their keys: they are what the caller is about to
// sell.
func (a *createAnswer) Check() error {
	if len(a.list) == 0 {
		return errors.New("the answer has no license")
	}
	for _, license := range a.list {
		if license.Key == "" {
			return errors.New("the answer has a license without its key")
		}
	}
	return nil
}

// getAnswer has the license that was asked for.
type getAnswer struct{ licenses }

func (a *getAnswer) Check() error {
	if a.one("") == nil {
		return errors.New("the answer has no license")
	}
	return nil
}

// updateAnswer has the changed licenses, or merely says that they were changed.
type updateAnswer struct{ licenses }

func (a *updateAnswer) Check() error {
	if !slices.ContainsFunc(a.list, shows) && !confirms(a.Success, a.Message) {
		return errors.New("the answer has neither a license nor a word of success")
	}
	return nil
}

// license returns the changed license, or what is known of it: its key.
func (a *updateAnswer) license(key string) *License {
	if license := a.one(key); license != nil {
		return license
	}
	return &License{Key: key, Raw: present(a.Data)}
}

// deleteAnswer says that licenses were deleted.
type deleteAnswer struct{ keycratewire.DeletionResponse }

// Check misses nothing: the status says it all, and any of success will do.
func (a *deleteAnswer) Check() error { return nil }

// deleteSubscriptionAnswer says that a subscription was deleted.
type deleteSubscriptionAnswer struct {
	keycratewire.SubscriptionDeletionResponse
}

// Check misses nothing, see deleteAnswer.
func (a *deleteSubscriptionAnswer) Check() error { return nil }

// subscriptions is an answer about subscriptions, one or many.
type subscriptions struct {
	keycratewire.SubscriptionListResponse
	list  []*Subscription
	found bool
}

func (a *subscriptions) UnmarshalJSON(body []byte) error {
	if err := transport.Unmarshal(body, &a.SubscriptionListResponse); err != nil {
		return err
	}
	items, found := subscriptionSearch.inAnswer(a.Data, body)
	a.found = found
	for _, item := range items {
		a.list = append(a.list, subscriptionFromRaw(item))
	}
	return nil
}

// listSubscriptionsAnswer has the subscriptions of an app.
type listSubscriptionsAnswer struct{ subscriptions }

func (a *listSubscriptionsAnswer) Check() error {
	if !a.found {
		return errors.New("the answer has no subscriptions")
	}
	return nil
}

// createSubscriptionAnswer has a new subscription.
type createSubscriptionAnswer struct{ subscriptions }

// Check wants the id: without it, no license can be made for the subscription.
func (a *createSubscriptionAnswer) Check() error {
	if len(a.list) == 0 || a.list[0].ID == "" {
		return errors.New("the answer has no subscription with its id")
	}
	return nil
}

// editSubscriptionAnswer has the changed subscription, or merely says that it
// was changed.
type editSubscriptionAnswer struct{ subscriptions }

func (a *editSubscriptionAnswer) Check() error {
	shows := func(s *Subscription) bool { return s.ID != "" }
	if !slices.ContainsFunc(a.list, shows) && !confirms(a.Success, a.Message) {
		return errors.New("the answer has neither a subscription nor a word of success")
	}
	return nil
}

// subscription returns the changed subscription, or what is known of it: its id.
func (a *editSubscriptionAnswer) subscription(id string) *Subscription {
	for _, subscription := range a.list {
		if subscription.ID != "" && subscription.Raw[0] == '{' {
			return subscription
		}
	}
	return &Subscription{ID: id, Raw: present(a.Data)}
}

// authenticateAnswer says that an end user is accepted.
type authenticateAnswer struct {
	keycratewire.AuthenticateResponse
}

// Check wants the vendor's own yes: nothing else may open the door.
func (a *authenticateAnswer) Check() error { return accepts(a.Success) }

// registerAnswer says that a license has its credentials.
type registerAnswer struct {
	keycratewire.RegisterResponse
}

func (a *registerAnswer) Check() error { return accepts(a.Success) }

func accepts(success *bool) error {
	if !wire.Value(success) {
		return errors.New("the answer does not say that it is a success")
	}
	return nil
}

package keycratemock

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// Subscription is a tier of an app; each license belongs to one.
type Subscription struct {
	ID               string
	AppID            string
	Name             string
	Level            int64  // for the app's own use; the vendor does nothing with it
	SingleKeyPerHWID bool   // a device can use only one license of the subscription
	Status           string // [StatusActive] or [StatusPaused], which keeps all its licenses out
	CreatedAt        time.Time
	UpdatedAt        time.Time
}

var editFields = []string{"name", "level", "single_key_per_hwid", "status"}

const (
	maxName      = 64
	defaultLevel = 1
)

func (b *body) name() core.Input[string] { return b.text("name", maxName, ruleBoundName) }

func (b *body) level() core.Input[int64] {
	return b.Integer("level", core.Range{Min: 0, Max: math.MaxInt64, Rule: ruleBoundLevel})
}

func (c *call) createSubscription() (core.Answer, *failure) {
	b, fail := c.readBody()
	if fail != nil {
		return core.Answer{}, fail
	}
	b.needs("name")
	sub := Subscription{
		AppID: b.requiredUUID("app_id"), Name: b.name().Value, Level: defaultLevel, Status: StatusActive,
		SingleKeyPerHWID: b.flag("single_key_per_hwid", false),
	}
	if level := b.level(); level.Given {
		sub.Level = level.Value
	}
	if fail := b.failure(); fail != nil {
		return core.Answer{}, fail
	}
	if fail := c.theApp(sub.AppID); fail != nil {
		return core.Answer{}, fail
	}
	c.Decided(ruleSubscriptionFields, ruleSubscriptionDefaults, ruleSubscriptionTwice)
	return c.done(c.encodeSubscription(c.addSubscription(sub))), nil
}

func (c *call) editSubscription() (core.Answer, *failure) {
	b, fail := c.readBody()
	if fail != nil {
		return core.Answer{}, fail
	}
	id, name, level := b.requiredUUID("subscription_id"), b.name(), b.level()
	single, status := b.Flag("single_key_per_hwid"), b.choice("status", ruleSubscriptionStatus, StatusActive, StatusPaused)
	if !b.hasAny(editFields) {
		b.Wrong("body", ruleEditNothing, "must have one of %s", strings.Join(editFields, ", "))
	}
	if fail := b.failure(); fail != nil {
		return core.Answer{}, fail
	}
	sub, fail := c.theSubscription(id)
	if fail != nil {
		return core.Answer{}, fail
	}
	was := *sub
	keep(&sub.Name, name)
	keep(&sub.Level, level)
	keep(&sub.SingleKeyPerHWID, single)
	keep(&sub.Status, status)
	c.Decided(ruleEditKeeps)
	if sub.SingleKeyPerHWID && !was.SingleKeyPerHWID {
		c.Decided(ruleEditSingle)
	}
	c.noteEdit(sub, was)
	return c.done(c.encodeSubscription(sub)), nil
}

// hasAny reports whether one of the fields has a value.
func (b *body) hasAny(fields []string) bool {
	return slices.ContainsFunc(fields, func(field string) bool {
		raw, _ := b.Raw(field)
		return raw != nil
	})
}

// keep takes a field over that was sent; else it stays.
func keep[T any](to *T, in core.Input[T]) {
	if in.Given {
		*to = in.Value
	}
}

// noteEdit records in what a subscription differs from what it was.
func (t *turn) noteEdit(sub *Subscription, was Subscription) {
	t.noteChange(EffectSubscriptionUpdated, sub.ID, was.UpdatedAt, &sub.UpdatedAt, core.Changes{}.
		If("name", sub.Name != was.Name).
		If("level", sub.Level != was.Level).
		If("single_key_per_hwid", sub.SingleKeyPerHWID != was.SingleKeyPerHWID).
		If("status", sub.Status != was.Status).
		If("created_at", !sub.CreatedAt.Equal(was.CreatedAt)).
		If("updated_at", !sub.UpdatedAt.Equal(was.UpdatedAt)))
}

// noteChange records what has changed of an object, by its names on the wire:
// nothing is no change. The object was updated now, unless its time says so.
func (t *turn) noteChange(kind, id string, was time.Time, updated *time.Time, changed core.Changes) {
	if len(changed) == 0 {
		return
	}
	t.Decided(ruleUpdatedAt)
	if updated.Equal(was) {
		*updated = t.now
	}
	t.Effect(kind, id, changed.String())
}

func (c *call) deleteSubscription() (core.Answer, *failure) {
	b, fail := c.readBody()
	if fail != nil {
		return core.Answer{}, fail
	}
	id := b.requiredUUID("subscription_id")
	if fail := b.failure(); fail != nil {
		return core.Answer{}, fail
	}
	sub, fail := c.theSubscription(id)
	if fail != nil {
		return core.Answer{}, fail
	}
	licenses := c.removeSubscription(sub)
	c.Decided(ruleSubscriptionCascade, ruleSubscriptionDeleted)
	return c.done(struct {
		Deleted  int `json:"deleted"`
		Licenses int `json:"licenses_deleted"`
	}{1, licenses}), nil
}

// removeSubscription deletes a subscription with its licenses, and counts these.
func (t *turn) removeSubscription(sub *Subscription) (licenses int) {
	list := t.state.licenses.ofSubscription(sub)
	t.deleteAll(list)
	t.state.subscriptions.Drop(sub.ID)
	t.Effect(EffectSubscriptionDeleted, sub.ID, sub.Name)
	return len(list)
}

func (c *call) listSubscriptions() (core.Answer, *failure) {
	b, fail := c.readBody()
	if fail != nil {
		return core.Answer{}, fail
	}
	appID := b.requiredUUID("app_id")
	if fail := b.failure(); fail != nil {
		return core.Answer{}, fail
	}
	if fail := c.theApp(appID); fail != nil {
		return core.Answer{}, fail
	}
	shown := []subscriptionJSON{}
	for _, sub := range c.state.subscriptionsOf(appID) {
		shown = append(shown, c.encodeSubscription(sub))
	}
	c.Decided(ruleSubscriptionsAll, ruleSubscriptionsOrder, ruleReadOnly)
	return c.done(shown), nil
}

// subscriptionsOf lists the subscriptions of an app by level, then by name, then
// by age.
func (s *state) subscriptionsOf(appID string) []*Subscription {
	list := s.oldestOf(appID)
	slices.SortStableFunc(list, func(a, b *Subscription) int {
		return cmp.Or(cmp.Compare(a.Level, b.Level), cmp.Compare(a.Name, b.Name))
	})
	return list
}

// oldestOf lists the subscriptions of an app, oldest first.
func (s *state) oldestOf(appID string) (list []*Subscription) {
	for sub := range s.subscriptions.All() {
		if sub.AppID == appID {
			list = append(list, sub)
		}
	}
	return list
}

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

func (t *turn) addSubscription(sub Subscription) *Subscription {
	if sub.ID == "" {
		sub.ID = t.Rand.UUID()
	}
	sub.CreatedAt, sub.UpdatedAt = t.now, t.now
	t.state.subscriptions[sub.ID] = &sub
	t.state.subscribed = append(t.state.subscribed, sub.ID)
	t.Effect(EffectSubscriptionCreated, sub.ID, sub.Name)
	return &sub
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

func (c *call) noteEdit(sub *Subscription, was Subscription) {
	c.Decided(ruleEditKeeps)
	if sub.SingleKeyPerHWID && !was.SingleKeyPerHWID {
		c.Decided(ruleEditSingle)
	}
	differs := []bool{
		sub.Name != was.Name, sub.Level != was.Level, sub.SingleKeyPerHWID != was.SingleKeyPerHWID, sub.Status != was.Status,
	}
	var names []string
	for i, yes := range differs {
		if yes {
			names = append(names, editFields[i])
		}
	}
	if len(names) > 0 {
		c.Decided(ruleUpdatedAt)
		sub.UpdatedAt = c.now
		c.Effect(EffectSubscriptionUpdated, sub.ID, strings.Join(names, " "))
	}
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
	licenses := c.state.licenses.ofSubscription(sub)
	c.deleteAll(licenses)
	c.state.dropSubscription(id)
	c.Effect(EffectSubscriptionDeleted, id, sub.Name)
	c.Decided(ruleSubscriptionCascade, ruleSubscriptionDeleted)
	return c.done(struct {
		Deleted  int `json:"deleted"`
		Licenses int `json:"licenses_deleted"`
	}{1, len(licenses)}), nil
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

func (s *state) dropSubscription(id string) {
	delete(s.subscriptions, id)
	s.subscribed = slices.DeleteFunc(s.subscribed, func(other string) bool { return other == id })
}

// oldestOf lists the subscriptions of an app, oldest first.
func (s *state) oldestOf(appID string) (list []*Subscription) {
	for _, id := range s.subscribed {
		if sub := s.subscriptions[id]; sub.AppID == appID {
			list = append(list, sub)
		}
	}
	return list
}

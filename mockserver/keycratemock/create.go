package keycratemock

import (
	"math"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

var createFields = []string{
	"app_id", "subscription_id", "duration_unit", "duration_value", "hwid_lock", "hwid_reset_allowed", "hwid_reset_cooldown",
	"metadata", "tags", "key_format", "key_uppercase", "key_lowercase", "key_numbers",
}

// creation is what a body asks of new licenses.
type creation struct {
	settings record
	format   keyFormat
}

func (c *call) createLicense() (core.Answer, *failure) {
	b, fail := c.readBody()
	if fail != nil {
		return core.Answer{}, fail
	}
	list, fail := c.create(b, 1)
	if fail != nil {
		return core.Answer{}, fail
	}
	c.Decided(ruleCreateAnswer)
	return c.done(c.encodeLicense(list[0])), nil
}

func (c *call) createLicenses() (core.Answer, *failure) {
	b, fail := c.readBody()
	if fail != nil {
		return core.Answer{}, fail
	}
	amount := b.Required("key_amount", ruleBodyRequired, core.Range{Min: 1, Max: maxBulk, Rule: ruleBulkAmountBounds})
	list, fail := c.create(b, int(amount.Value))
	if fail != nil {
		return core.Answer{}, fail
	}
	c.Decided(ruleBulkAmount, ruleBulkCreateAnswer)
	return c.done(c.encodeLicenses(list)), nil
}

// create makes as many licenses as are wanted, or none.
func (c *call) create(b *body, wanted int) ([]*record, *failure) {
	m := c.readCreation(b)
	if fail := b.failure(); fail != nil {
		return nil, fail
	}
	if fail := c.checkCreation(m, wanted); fail != nil {
		return nil, fail
	}
	c.Decided(ruleCreateNew, ruleKeyUnique)
	list := make([]*record, wanted)
	for i := range list {
		r := m.settings.clone()
		r.Key, r.ID = c.newKey(m.format), c.Rand.UUID()
		c.insert(r)
		list[i] = r
	}
	return list, nil
}

func (c *call) readCreation(b *body) creation {
	duration := b.readDuration()
	m := creation{format: b.readFormat(), settings: record{
		metadata: b.metadata(),
		License: License{
			AppID:             b.requiredUUID("app_id"),
			SubscriptionID:    b.requiredUUID("subscription_id"),
			Status:            StatusActive,
			HWIDLock:          b.flag("hwid_lock", false),
			HWIDResetAllowed:  b.flag("hwid_reset_allowed", false),
			HWIDResetCooldown: seconds(b.cooldown().Value),
			DurationUnit:      duration.unit,
			DurationValue:     duration.value,
			DurationSeconds:   duration.seconds(),
			Tags:              b.tags(),
			CreatedAt:         c.now,
			UpdatedAt:         c.now,
		},
	}}
	c.Decided(ruleCreateDefaults, ruleStatusNew)
	if c.state.FromCreation && duration.unit != UnitLifetime {
		c.Decided(ruleDurationFromCreation)
		m.settings.ExpiresAt = addSeconds(c.now, duration.seconds())
	}
	return m
}

// checkCreation asks what there is: app and subscription first, then whether
// the caller may use them, then whether they fit.
func (c *call) checkCreation(m creation, wanted int) *failure {
	appID := m.settings.AppID
	if c.state.apps.Get(appID) == nil {
		return c.theApp(appID)
	}
	sub, fail := c.existing(m.settings.SubscriptionID)
	if fail != nil {
		return fail
	}
	if fail := c.theApp(appID); fail != nil {
		return fail
	}
	if fail := c.mayUse(ruleAccessIndirect, sub.AppID); fail != nil {
		return fail
	}
	if sub.AppID != appID {
		return c.unacceptable(ruleSubscriptionForeign, "subscription_id is of another app")
	}
	if !c.hasRoom(m.format, wanted) {
		return c.unacceptable(ruleFormatExhausted, "key_format has too few combinations for a new key")
	}
	return nil
}

// duration is how long a license lives, in the units of the vendor.
type duration struct {
	unit  string
	value int64
}

func (d duration) seconds() int64 { return d.value * unitSeconds[d.unit] }

var units = []string{UnitMinutes, UnitHours, UnitDays, UnitMonths, UnitYears, UnitLifetime}

// readDuration reads a unit and, unless that is a lifetime, a value.
func (b *body) readDuration() duration {
	b.needs("duration_unit")
	d := duration{unit: b.choice("duration_unit", ruleDurationSpellings, units...).Value}
	if d.unit != "" {
		b.Turn.Decided(ruleDurationUnits)
	}
	if d.unit == UnitLifetime {
		b.Turn.Decided(ruleDurationLifetime)
		if b.Integer("duration_value", core.Range{Min: math.MinInt64, Max: math.MaxInt64}).Given {
			b.Turn.Finding("duration_value was ignored: a lifetime has none")
		}
		return d
	}
	length := max(1, unitSeconds[d.unit])
	value := b.Required("duration_value", ruleBodyRequired, core.Range{Min: 1, Max: math.MaxInt64, Rule: ruleDurationValue})
	if value.Given {
		b.InRange("duration_value", value.Value, core.Range{Max: maxGranted / length, Rule: ruleDurationMax})
		b.Turn.Decided(ruleDurationSeconds)
	}
	d.value = value.Value
	return d
}

// cooldown reads the wait between two resets.
func (b *body) cooldown() core.Input[int64] {
	in := b.Integer("hwid_reset_cooldown", core.Range{Min: 0, Max: math.MaxInt64, Rule: ruleBoundCooldown})
	if in.Given {
		b.InRange("hwid_reset_cooldown", in.Value, core.Range{Max: maxCooldown, Rule: ruleCooldownMax})
		b.Turn.Decided(ruleCooldownSeconds)
	}
	return in
}

// insert stores a complete license.
func (t *turn) insert(r *record) {
	t.state.licenses.add(r)
	t.Effect(EffectLicenseCreated, r.Key, "")
}

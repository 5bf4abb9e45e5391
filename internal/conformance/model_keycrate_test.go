package conformance

import (
	"cmp"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keysmith-go/keysmith/keycrate"
	"github.com/keysmith-go/keysmith/mockserver/keycratemock"
)

func TestModelOfKeycrate(t *testing.T) {
	play(t, newKeycrateCast, func(s *story[*keycrateCast]) ([]turn, func()) {
		m := &keycrateModel{story: s, passwords: map[string]string{}, banned: map[string]bool{}, appsOff: map[string]bool{}}
		return []turn{
			{2, "create a subscription", m.createSubscription}, {2, "edit a subscription", m.editSubscription}, {1, "delete a subscription", m.deleteSubscription},
			{5, "create", m.create}, {1, "create several", m.createBulk}, {2, "extend", m.extend}, {2, "extend several", m.extendBulk},
			{1, "delete", m.delete}, {1, "delete several", m.deleteBulk}, {1, "remove", m.remove},
			{2, "set the status", m.setStatus}, {1, "set the status of several", m.setStatusBulk}, {2, "move", m.move},
			{2, "set credentials", m.setCredentials}, {1, "set metadata", m.setMetadata}, {2, "set the device", m.setDevice},
			{2, "lock", m.lock}, {1, "lock several", m.lockBulk}, {1, "allow resets", m.allowResets}, {1, "set the cooldown", m.setCooldown},
			{12, "authenticate", m.authenticate}, {2, "register", m.register}, {3, "reset in the portal", m.portalReset},
			{1, "ban a device", m.ban}, {1, "switch an app", m.switchApp}, {1, "switch the team", m.switchTeam}, {4, "wait", m.wait},
			{2, "look at pages", m.lookAtPages}, {3, "look at a filter", m.lookAtFilter}, {1, "look at one", m.lookAtOne}, {1, "look at shares", m.lookAtShares},
		}, m.check
	})
}

// keycrateCast are the vendor's world, the clients of a team's owner and of a
// clerk who may use the first app only, and the programs of end users.
type keycrateCast struct {
	world    *keycratemock.World
	owner    *keycrate.Client
	clerk    *keycrate.Client
	programs map[string]*keycrate.App // by app
	clerkKey string
	keys     names[string] // of licenses
	places   names[string] // apps and subscriptions
}

func newKeycrateCast(r *rig) *keycrateCast {
	w := r.Keycrate
	c := &keycrateCast{keys: newNames[string](), places: newNames[string](), clerkKey: w.AddAPIKey(w.AppID())}
	c.places.give("app", w.AppID())
	c.places.give("other app", w.AddApp("other").ID)
	c.places.give("nowhere", "99999999-9999-4999-8999-999999999999")
	return c.on(r)
}

func (c *keycrateCast) on(r *rig) *keycrateCast {
	moved := *c
	config := r.keycrateConfig()
	owner, err := keycrate.New(config)
	config.APIKey = c.clerkKey
	clerk, err2 := keycrate.New(config)
	if err := errors.Join(err, err2); err != nil {
		panic(err)
	}
	moved.world, moved.owner, moved.clerk, moved.programs = r.Keycrate, owner, clerk, map[string]*keycrate.App{}
	for _, app := range []string{"app", "other app", "nowhere"} {
		config := r.keycrateAppConfig()
		config.AppID = c.places.ids[app]
		program, err := keycrate.NewApp(config)
		if err != nil {
			panic(err)
		}
		moved.programs[app] = program
	}
	return &moved
}

// client is that of the clerk or of the owner.
func (c *keycrateCast) client(clerk bool) *keycrate.Client {
	if clerk {
		return c.clerk
	}
	return c.owner
}

func (c *keycrateCast) state() (all []any) {
	for _, app := range keycrateApps {
		for _, sub := range c.world.Subscriptions(c.places.ids[app]) {
			all = append(all, c.tierInWorld(sub))
		}
		for _, l := range c.world.Licenses(c.places.ids[app]) {
			all = append(all, c.inWorld(l))
		}
	}
	return byName(all)
}

var keycrateApps = []string{"app", "other app"}

// key is the text of a license by its name.
func (c *keycrateCast) key(name string) string {
	if key, known := c.keys.ids[name]; known {
		return key
	}
	return "NO-SUCH-KEY"
}

func (c *keycrateCast) keysOf(list []string) (keys []string) {
	for _, name := range list {
		keys = append(keys, c.key(name))
	}
	return keys
}

// keycrateTier is what is known of a subscription.
type keycrateTier struct {
	Name, App, Title string
	Level            int
	Single, Paused   bool
	Created, Updated moment
}

// keycrateLicense is what is known of a license.
type keycrateLicense struct {
	Name, App, Tier    string
	User               string
	Paused             bool
	Lock               bool
	Device             string
	Resets             bool // are allowed
	Cooldown           time.Duration
	LastReset          moment
	Unit               keycrate.DurationUnit
	Value              int
	Granted            time.Duration // 0: a lifetime
	Activated, Expires moment
	Metadata           string
	Tags               []string
	Created, Updated   moment
}

func (c *keycrateCast) tierInWorld(sub keycratemock.Subscription) keycrateTier {
	return keycrateTier{
		Name: c.places.of(sub.ID), App: c.places.of(sub.AppID), Title: sub.Name, Level: int(sub.Level), Single: sub.SingleKeyPerHWID,
		Paused: sub.Status == keycratemock.StatusPaused, Created: momentOf(sub.CreatedAt), Updated: momentOf(sub.UpdatedAt),
	}
}

func (c *keycrateCast) tierInShop(sub *keycrate.Subscription) keycrateTier {
	return keycrateTier{
		Name: c.places.of(sub.ID), App: c.places.of(sub.AppID), Title: sub.Name, Level: sub.Level, Single: sub.SingleKeyPerHWID,
		Paused: sub.Status == keycrate.StatusPaused, Created: momentOf(sub.CreatedAt), Updated: momentOf(sub.UpdatedAt),
	}
}

// inWorld is a license as the mock has it.
func (c *keycrateCast) inWorld(l keycratemock.License) keycrateLicense {
	return keycrateLicense{
		Name: c.keys.of(l.Key), App: c.places.of(l.AppID), Tier: c.places.of(l.SubscriptionID), User: l.Username,
		Paused: l.Status == keycratemock.StatusPaused, Lock: l.HWIDLock, Device: l.HWID, Resets: l.HWIDResetAllowed, Cooldown: l.HWIDResetCooldown,
		LastReset: momentOf(l.LastHWIDResetAt), Unit: keycrate.DurationUnit(l.DurationUnit), Value: int(l.DurationValue),
		Granted: time.Duration(l.DurationSeconds) * time.Second, Activated: momentOf(l.ActivatedAt), Expires: momentOf(l.ExpiresAt),
		Metadata: compact(l.Metadata), Tags: l.Tags, Created: momentOf(l.CreatedAt), Updated: momentOf(l.UpdatedAt),
	}
}

// inShop is a license as the client has it.
func (c *keycrateCast) inShop(l *keycrate.License) keycrateLicense {
	return keycrateLicense{
		Name: c.keys.of(l.Key), App: c.places.of(l.AppID), Tier: c.places.of(l.SubscriptionID), User: l.Username,
		Paused: l.Status == keycrate.StatusPaused, Lock: l.HWIDLock, Device: l.HWID, Resets: l.HWIDResetAllowed, Cooldown: l.HWIDResetCooldown,
		LastReset: momentOf(l.LastHWIDResetAt), Unit: l.Duration.Unit(), Value: l.Duration.Value(),
		Granted: l.Granted, Activated: momentOf(l.ActivatedAt), Expires: momentOf(l.ExpiresAt),
		Metadata: compact(l.Metadata), Tags: l.Tags, Created: momentOf(l.CreatedAt), Updated: momentOf(l.UpdatedAt),
	}
}

// compact is metadata as JSON, empty for none.
func compact(metadata map[string]any) string {
	if len(metadata) == 0 {
		return ""
	}
	text, err := json.Marshal(metadata)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// keycrateModel are the vendor's rules.
type keycrateModel struct {
	*story[*keycrateCast]
	tiers     []*keycrateTier
	licenses  []*keycrateLicense
	goneTiers []string
	gone      []string
	passwords map[string]string // by license
	banned    map[string]bool   // devices
	appsOff   map[string]bool
	teamOff   bool
}

// The rules of licenses.

func (l *keycrateLicense) lifetime() bool          { return l.Unit == keycrate.UnitLifetime }
func (l *keycrateLicense) expired(now moment) bool { return l.Expires.reached(now) }
func (m *keycrateModel) tier(name string) *keycrateTier {
	return findIn(m.tiers, func(t *keycrateTier) bool { return t.Name == name })
}

// find is the license that has the key of a name. A key that was deleted may have
// come back with another name.
func (m *keycrateModel) find(name string) *keycrateLicense {
	return findIn(m.licenses, func(l *keycrateLicense) bool { return m.cast.key(l.Name) == m.cast.key(name) })
}

// findIn is the first of a list for which a condition holds, or nil.
func findIn[T any](list []*T, holds func(*T) bool) *T {
	if i := slices.IndexFunc(list, holds); i >= 0 {
		return list[i]
	}
	return nil
}

// add gives a license more time.
func (l *keycrateLicense) add(more time.Duration, now moment) {
	l.Granted += more
	switch {
	case l.Activated == never:
	case l.expired(now):
		l.Expires = now.plus(more)
	default:
		l.Expires = l.Expires.plus(more)
	}
}

// held reports whether another license of a subscription has a device.
func (m *keycrateModel) held(tier, device string, except *keycrateLicense) bool {
	return device != "" && slices.ContainsFunc(m.licenses, func(l *keycrateLicense) bool {
		return l != except && l.Tier == tier && l.Device == device
	})
}

// named reports whether another license of an app has a username.
func (m *keycrateModel) named(app, user string, except *keycrateLicense) bool {
	return slices.ContainsFunc(m.licenses, func(l *keycrateLicense) bool { return l != except && l.App == app && l.User == user })
}

// keycrateLogin is an end user's attempt to be let in.
type keycrateLogin struct {
	App, License, User, Password, Device string
}

// verdict is what an end user is told, and the license that it is about.
func (m *keycrateModel) verdict(in keycrateLogin) (keycrate.Code, *keycrateLicense) {
	l := m.meant(in)
	switch {
	case m.banned[in.Device]:
		return keycrate.CodeHWIDBlacklisted, l
	case in.App == "nowhere":
		return keycrate.CodeApplicationNotFound, l
	case m.appsOff[in.App]:
		return keycrate.CodeApplicationNotActive, l
	case m.teamOff:
		return keycrate.CodeTeamError, l
	case l == nil && in.License != "":
		return keycrate.CodeLicenseNotFound, l
	case l == nil:
		return keycrate.CodeInvalidCredentials, l
	case m.tier(l.Tier).Paused:
		return keycrate.CodeSubscriptionNotActive, l
	case l.Lock && in.Device == "":
		return keycrate.CodeHWIDNotProvided, l
	case l.Lock && l.Device != "" && l.Device != in.Device:
		return keycrate.CodeHWIDMismatch, l
	case m.tier(l.Tier).Single && l.Device != in.Device && m.held(l.Tier, in.Device, l):
		return keycrate.CodeDeviceAlreadyRegistered, l
	case l.Paused:
		return keycrate.CodeLicenseNotActive, l
	case l.expired(m.now):
		return keycrate.CodeLicenseExpired, l
	case l.Activated == never && l.Lock:
		return keycrate.CodeLicenseVerifiedUnusedAndLocked, l
	}
	return keycrate.CodeLicenseVerified, l
}

// meant is the license that an end user logs in with, or nil.
func (m *keycrateModel) meant(in keycrateLogin) *keycrateLicense {
	if in.License != "" {
		l := m.find(in.License)
		if l != nil && l.App != in.App {
			return nil
		}
		return l
	}
	return findIn(m.licenses, func(l *keycrateLicense) bool {
		return l.App == in.App && l.User == in.User && m.passwords[l.Name] == in.Password
	})
}

// use is a successful authentication.
func (l *keycrateLicense) use(device string, now moment) {
	if l.Activated == never {
		if l.Activated = now; !l.lifetime() {
			l.Expires = now.plus(l.Granted)
		}
	}
	if l.Lock && l.Device == "" {
		l.Device = device
	}
}

// change changes licenses by a management call, which they show if it made a
// difference.
func (m *keycrateModel) change(list []*keycrateLicense, change func(*keycrateLicense)) {
	for _, l := range list {
		before := *l
		if change(l); different([]keycrateLicense{before}, []keycrateLicense{*l}) {
			l.Updated = m.now
		}
	}
}

func (m *keycrateModel) drop(list ...*keycrateLicense) {
	for _, l := range list {
		m.licenses = slices.DeleteFunc(m.licenses, func(other *keycrateLicense) bool { return l == other })
		m.gone = append(m.gone, l.Name)
		delete(m.passwords, l.Name)
	}
}

// What happens to subscriptions.

// someTier draws the name of a subscription, rarely of one that is no more. If
// there is none yet, it lets one be created.
func (m *keycrateModel) someTier() string {
	if len(m.tiers) == 0 && often(m.story, "first create one") {
		m.createSubscription()
	}
	if len(m.tiers) > 0 && often(m.story, "there is such a subscription") {
		return pick(m.story, "subscription", m.tiers...).Name
	}
	return pick(m.story, "subscription", append([]string{"nowhere"}, m.goneTiers...)...)
}

// caller draws who calls; the clerk is not let near the other app.
func (m *keycrateModel) caller() (clerk bool) { return !often(m.story, "the owner calls") }

// aboutTier is how a call about a subscription fails, or nil.
func (m *keycrateModel) aboutTier(name string, clerk bool) error {
	t := m.tier(name)
	switch {
	case t == nil:
		return keycrate.ErrSubscriptionNotFound
	case clerk && t.App != "app":
		return keycrate.ErrAccessDenied
	}
	return nil
}

// aboutApp is how a call about an app fails, or nil.
func aboutApp(app string, clerk bool) error {
	switch {
	case app == "nowhere":
		return keycrate.ErrAppNotFound
	case clerk && app != "app":
		return keycrate.ErrAccessDenied
	}
	return nil
}

func (m *keycrateModel) someApp() string {
	return pick(m.story, "app", "app", "app", "app", "app", "other app", "other app", "nowhere")
}

func (m *keycrateModel) createSubscription() {
	s, clerk := m.story, m.caller()
	t := keycrateTier{
		Name: m.name("tier"), App: m.someApp(), Title: pick(s, "title", "basic", "pro"), Level: pick(s, "level", 1, 0, 2),
		Single: pick(s, "single", false, true), Created: m.now, Updated: m.now,
	}
	done := m.act(aboutApp(t.App, clerk), func(c *keycrateCast) error {
		made, err := c.client(clerk).Subscriptions.Create(m.Context(), keycrate.CreateSubscriptionParams{AppID: c.places.ids[t.App], Name: t.Title, Level: t.Level, SingleKeyPerHWID: t.Single})
		if err == nil {
			c.places.give(t.Name, made.ID)
			agreeOn(s, "the new subscription as it was answered", t, c.tierInShop(made))
		}
		return err
	}, "create %s", brief(t))
	if done {
		added := t // the deed keeps t as it was
		m.tiers = append(m.tiers, &added)
	}
}

func (m *keycrateModel) editSubscription() {
	s, name, clerk := m.story, m.someTier(), m.caller()
	want := m.aboutTier(name, clerk)
	var after keycrateTier
	if t := m.tier(name); t != nil {
		after = *t
	}
	before := after
	var p keycrate.EditSubscriptionParams
	fields := several(s, "field", 2, "title", "level", "single", "status")
	for _, field := range fields {
		switch field {
		case "title":
			after.Title = pick(s, field, "basic", "pro")
			p.Name = keycrate.Set(after.Title)
		case "level":
			after.Level = pick(s, field, 0, 1, 2)
			p.Level = keycrate.Set(after.Level)
		case "single":
			after.Single = pick(s, field, true, false)
			p.SingleKeyPerHWID = keycrate.Set(after.Single)
		case "status":
			status := pick(s, field, keycrate.StatusPaused, keycrate.StatusActive)
			after.Paused = status == keycrate.StatusPaused
			p.Status = keycrate.Set(status)
		}
	}
	if len(fields) == 0 {
		want = keycrate.ErrInvalid
	}
	if after != before {
		after.Updated = m.now
	}
	done := m.act(want, func(c *keycrateCast) error {
		edited, err := c.client(clerk).Subscriptions.Edit(m.Context(), c.places.ids[name], p)
		if err == nil {
			agreeOn(s, "the subscription as it was answered", after, c.tierInShop(edited))
		}
		return err
	}, "edit %s: %s", name, brief(p))
	if done {
		*m.tier(name) = after
	}
}

func (m *keycrateModel) deleteSubscription() {
	name, clerk := m.someTier(), m.caller()
	with := slices.DeleteFunc(slices.Clone(m.licenses), func(l *keycrateLicense) bool { return l.Tier != name })
	done := m.act(m.aboutTier(name, clerk), func(c *keycrateCast) error {
		deletion, err := c.client(clerk).Subscriptions.Delete(m.Context(), c.places.ids[name])
		if err == nil {
			agreeOn(m.story, "the licenses deleted with it", keycrate.Set(len(with)), deletion.Licenses)
		}
		return err
	}, "delete %s", name)
	if done {
		m.tiers = slices.DeleteFunc(m.tiers, func(t *keycrateTier) bool { return t.Name == name })
		m.goneTiers = append(m.goneTiers, name)
		m.drop(with...)
	}
}

// What happens to licenses.

// someLicense draws the name of a license, rarely of one that is no more or never
// was. If there is none yet, it lets one be created.
func (m *keycrateModel) someLicense() string {
	if len(m.licenses) == 0 && often(m.story, "first create one") {
		m.create()
	}
	if len(m.licenses) > 0 && often(m.story, "alive") {
		return pick(m.story, "license", m.licenses...).Name
	}
	return pick(m.story, "license", append([]string{"nobody's license"}, m.gone...)...)
}

// someLicenses draws several names, rarely none, or one twice.
func (m *keycrateModel) someLicenses() (list []string) {
	for range pick(m.story, "how many", 1, 2, 3, 2, 3, 2, 0) {
		list = append(list, m.someLicense())
	}
	if often(m.story, "each once") {
		slices.Sort(list)
		list = slices.Compact(list)
	}
	return list
}

// about are the licenses of a call, and how it fails, or nil.
func (m *keycrateModel) about(clerk bool, list ...string) (found []*keycrateLicense, want error) {
	keys := m.cast.keysOf(list)
	if slices.Sort(keys); len(keys) == 0 || len(slices.Compact(keys)) < len(list) {
		return nil, keycrate.ErrInvalid // nothing is sent
	}
	for _, name := range list {
		l := m.find(name)
		if l == nil {
			return nil, keycrate.ErrLicenseNotFound
		}
		found = append(found, l)
	}
	for _, l := range found {
		if clerk && l.App != "app" {
			return nil, keycrate.ErrAccessDenied
		}
	}
	return found, nil
}

// manage makes a management call about some licenses. It fails as told, or
// changes them and answers with them.
func (m *keycrateModel) manage(found []*keycrateLicense, want error, change func(*keycrateLicense), call func(*keycrateCast) ([]*keycrate.License, error), format string, args ...any) {
	var after []keycrateLicense
	for _, l := range found {
		changed := *l
		m.change([]*keycrateLicense{&changed}, change)
		after = append(after, changed)
	}
	done := m.act(want, func(c *keycrateCast) error {
		answer, err := call(c)
		if err == nil {
			var seen []keycrateLicense
			for _, l := range answer {
				seen = append(seen, c.inShop(l))
			}
			agree(m.story, "the licenses as they were answered", after, seen)
		}
		return err
	}, format, args...)
	if done {
		for i, l := range found {
			*l = after[i]
		}
	}
}

// alone makes a list of one license.
func alone(l *keycrate.License, err error) ([]*keycrate.License, error) {
	return []*keycrate.License{l}, err
}

// newLicense draws a license and tells how the call fails that is to make it.
func (m *keycrateModel) newLicense(clerk bool, amount int) (l keycrateLicense, p keycrate.CreateLicenseParams, want error) {
	s := m.story
	l = keycrateLicense{
		Tier: m.someTier(), Lock: pick(s, "lock", true, false), Resets: pick(s, "resets", true, false),
		Cooldown: pick(s, "cooldown", 0, time.Hour, 24*time.Hour), Tags: several(s, "tag", 2, "red", "blue"),
		Created: m.now, Updated: m.now, LastReset: never, Activated: never, Expires: never,
	}
	duration := pick(s, "duration", keycrate.Hours(1), keycrate.Lifetime, keycrate.Minutes(1), keycrate.Days(30), keycrate.Months(2), keycrate.Years(1))
	l.Unit, l.Value, l.Granted = duration.Unit(), duration.Value(), time.Duration(duration.Value())*map[keycrate.DurationUnit]time.Duration{
		keycrate.UnitMinutes: time.Minute, keycrate.UnitHours: time.Hour, keycrate.UnitDays: 24 * time.Hour,
		keycrate.UnitMonths: 30 * 24 * time.Hour, keycrate.UnitYears: 365 * 24 * time.Hour,
	}[duration.Unit()]
	metadata := pick(s, "metadata", nil, nil, keycrate.Metadata{"order": 1})
	l.Metadata = compact(metadata)
	p = keycrate.CreateLicenseParams{
		Duration: duration, HWIDLock: l.Lock, HWIDResetAllowed: l.Resets, HWIDResetCooldown: l.Cooldown, Metadata: metadata, Tags: l.Tags,
		KeyFormat: pick(s, "format", "", "", "", "", "", "T*", "ONLY-ONE"), KeyUppercase: keycrate.Set(false), KeyNumbers: keycrate.Set(true),
	}
	l.App = "app"
	if t := m.tier(l.Tier); t != nil {
		l.App = t.App
	}
	if !often(s, "its own app") {
		l.App = m.someApp()
	}
	t := m.tier(l.Tier)
	switch {
	case aboutApp(l.App, false) != nil:
		want = aboutApp(l.App, false)
	case t == nil:
		want = keycrate.ErrSubscriptionNotFound
	case aboutApp(l.App, clerk) != nil || aboutApp(t.App, clerk) != nil:
		want = keycrate.ErrAccessDenied
	case t.App != l.App || m.room(p.KeyFormat) < amount:
		want = keycrate.ErrInvalid
	}
	return l, p, want
}

// room is how many keys of a format are free, as far as it matters.
func (m *keycrateModel) room(format string) int {
	taken := 0
	for _, l := range m.licenses {
		if key := m.cast.key(l.Name); key == format || format == "T*" && len(key) == 2 {
			taken++
		}
	}
	return map[string]int{"": 1000, "T*": 10, "ONLY-ONE": 1}[format] - taken
}

func (m *keycrateModel) create() {
	clerk := m.caller()
	l, p, want := m.newLicense(clerk, 1)
	l.Name = m.name("license")
	done := m.act(want, func(c *keycrateCast) error {
		p := p
		p.AppID, p.SubscriptionID = c.places.ids[l.App], c.places.ids[l.Tier]
		made, err := c.client(clerk).Licenses.Create(m.Context(), p)
		if err == nil {
			c.keys.give(l.Name, made.Key)
			agreeOn(m.story, "the new license as it was answered", l, c.inShop(made))
		}
		return err
	}, "create %s with a key like %q", brief(l), p.KeyFormat)
	if done {
		added := l // the deed keeps l as it was
		m.licenses = append(m.licenses, &added)
	}
}

func (m *keycrateModel) createBulk() {
	clerk, amount := m.caller(), pick(m.story, "amount", 2, 3, 1, 2, 3, 8, 0)
	l, p, want := m.newLicense(clerk, amount)
	if amount == 0 {
		want = keycrate.ErrInvalid
	}
	var made []keycrateLicense
	for range amount {
		l.Name = m.name("license")
		made = append(made, l)
	}
	done := m.act(want, func(c *keycrateCast) error {
		p := p
		p.AppID, p.SubscriptionID = c.places.ids[l.App], c.places.ids[l.Tier]
		answer, err := c.client(clerk).Licenses.CreateBulk(m.Context(), amount, p)
		if err != nil {
			return err
		}
		agreeOn(m.story, "the number of new licenses", amount, len(answer))
		var seen []keycrateLicense
		for i, l := range answer {
			c.keys.give(made[i].Name, l.Key)
			seen = append(seen, c.inShop(l))
		}
		agree(m.story, "the new licenses as they were answered", made, seen)
		return nil
	}, "create %d of %s with keys like %q", amount, brief(l), p.KeyFormat)
	if done {
		for _, l := range made {
			m.licenses = append(m.licenses, &l)
		}
	}
}

func (m *keycrateModel) extend() {
	name, clerk, more := m.someLicense(), m.caller(), m.someTime()
	found, want := m.about(clerk, name)
	want = extendable(found, want, more)
	m.manage(found, want, func(l *keycrateLicense) { l.add(more, m.now) }, func(c *keycrateCast) ([]*keycrate.License, error) {
		return alone(c.client(clerk).Licenses.Extend(m.Context(), c.key(name), more))
	}, "extend %s by %v", name, more)
}

func (m *keycrateModel) extendBulk() {
	list, clerk, more := m.someLicenses(), m.caller(), m.someTime()
	found, want := m.about(clerk, list...)
	want = extendable(found, want, more)
	m.manage(found, want, func(l *keycrateLicense) { l.add(more, m.now) }, func(c *keycrateCast) ([]*keycrate.License, error) {
		return c.client(clerk).Licenses.ExtendBulk(m.Context(), c.keysOf(list), more)
	}, "extend %q by %v", list, more)
}

func (m *keycrateModel) someTime() time.Duration {
	return pick(m.story, "more", time.Hour, time.Second, 30*24*time.Hour, time.Hour, time.Second, 24*time.Hour, 0)
}

// extendable is how an extension fails, or nil.
func extendable(found []*keycrateLicense, want error, more time.Duration) error {
	switch {
	case more <= 0:
		return keycrate.ErrInvalid
	case want == nil && slices.ContainsFunc(found, (*keycrateLicense).lifetime):
		return keycrate.ErrInvalid
	}
	return want
}

func (m *keycrateModel) delete() {
	name, clerk := m.someLicense(), m.caller()
	found, want := m.about(clerk, name)
	if m.act(want, func(c *keycrateCast) error { return c.client(clerk).Licenses.Delete(m.Context(), c.key(name)) }, "delete %s", name) {
		m.drop(found...)
	}
}

func (m *keycrateModel) deleteBulk() {
	list, clerk := m.someLicenses(), m.caller()
	found, want := m.about(clerk, list...)
	done := m.act(want, func(c *keycrateCast) error {
		deletion, err := c.client(clerk).Licenses.DeleteBulk(m.Context(), c.keysOf(list))
		if err == nil {
			agreeOn(m.story, "the number of deleted licenses", keycrate.Set(len(list)), deletion.Licenses)
		}
		return err
	}, "delete %q", list)
	if done {
		m.drop(found...)
	}
}

func (m *keycrateModel) remove() {
	name := m.someLicense()
	l := m.find(name)
	var want error
	if l == nil {
		want = code("not removed")
	}
	done := m.act(want, func(c *keycrateCast) error {
		if !c.world.RemoveLicense(c.key(name)) {
			return code("not removed")
		}
		return nil
	}, "%s is removed in the dashboard", name)
	if done {
		m.drop(l)
	}
}

func (m *keycrateModel) setStatus() {
	name, clerk, status := m.someLicense(), m.caller(), pick(m.story, "status", keycrate.StatusPaused, keycrate.StatusActive)
	found, want := m.about(clerk, name)
	m.manage(found, want, func(l *keycrateLicense) { l.Paused = status == keycrate.StatusPaused }, func(c *keycrateCast) ([]*keycrate.License, error) {
		return alone(c.client(clerk).Licenses.SetStatus(m.Context(), c.key(name), status))
	}, "set the status of %s to %s", name, status)
}

func (m *keycrateModel) setStatusBulk() {
	list, clerk, status := m.someLicenses(), m.caller(), pick(m.story, "status", keycrate.StatusPaused, keycrate.StatusActive)
	found, want := m.about(clerk, list...)
	m.manage(found, want, func(l *keycrateLicense) { l.Paused = status == keycrate.StatusPaused }, func(c *keycrateCast) ([]*keycrate.License, error) {
		return c.client(clerk).Licenses.SetStatusBulk(m.Context(), c.keysOf(list), status)
	}, "set the status of %q to %s", list, status)
}

func (m *keycrateModel) move() {
	name, clerk, tier := m.someLicense(), m.caller(), m.someTier()
	found, want := m.about(clerk, name)
	t := m.tier(tier)
	switch {
	case errors.Is(want, keycrate.ErrLicenseNotFound): // that is looked up first
	case t == nil:
		want = keycrate.ErrSubscriptionNotFound
	case want == nil && clerk && t.App != "app":
		want = keycrate.ErrAccessDenied
	case want == nil && t.App != found[0].App:
		want = keycrate.ErrInvalid
	case want == nil && t.Single && m.held(tier, found[0].Device, found[0]):
		want = keycrate.ErrHWIDInUse
	}
	m.manage(found, want, func(l *keycrateLicense) { l.Tier = tier }, func(c *keycrateCast) ([]*keycrate.License, error) {
		return alone(c.client(clerk).Licenses.SetSubscription(m.Context(), c.key(name), c.places.ids[tier]))
	}, "move %s to %s", name, tier)
}

var keycrateUsers = []string{"anna", "bert"}

func (m *keycrateModel) setCredentials() {
	name, clerk := m.someLicense(), m.caller()
	user, password := pick(m.story, "user", keycrateUsers...), pick(m.story, "password", "", "secret-1", "secret-2")
	found, want := m.about(clerk, name)
	if want == nil && m.named(found[0].App, user, found[0]) {
		want = keycrate.ErrUsernameTaken
	}
	// That the password is another one, a login can tell but no look.
	done := m.actInSecret(want, func(c *keycrateCast) error {
		_, err := c.client(clerk).Licenses.SetCredentials(m.Context(), c.key(name), keycrate.Credentials{Username: user, Password: password})
		return err
	}, "set the credentials of %s to %s and %q", name, user, password)
	if !done {
		return
	}
	l := found[0]
	m.change(found, func(l *keycrateLicense) { l.User = user })
	if password != "" && password != m.passwords[l.Name] {
		m.passwords[l.Name] = password
		l.Updated = m.now
	}
}

func (m *keycrateModel) setMetadata() {
	name, clerk := m.someLicense(), m.caller()
	metadata := pick(m.story, "metadata", keycrate.Metadata{"order": 1}, keycrate.Metadata{"a": []any{"b", true, nil}}, nil, keycrate.Metadata{"long": strings.Repeat("x", 1989)}, keycrate.Metadata{"long": strings.Repeat("x", 1990)})
	found, want := m.about(clerk, name)
	if len(compact(metadata)) > 2000 {
		want = keycrate.ErrInvalid
	}
	m.manage(found, want, func(l *keycrateLicense) { l.Metadata = compact(metadata) }, func(c *keycrateCast) ([]*keycrate.License, error) {
		return alone(c.client(clerk).Licenses.SetMetadata(m.Context(), c.key(name), metadata))
	}, "set the metadata of %s to %d characters", name, len(compact(metadata)))
}

func (m *keycrateModel) setDevice() {
	name, clerk, device := m.someLicense(), m.caller(), pick(m.story, "device", "PC-1", "laptop", "")
	found, want := m.about(clerk, name)
	if want == nil && m.tier(found[0].Tier).Single && m.held(found[0].Tier, device, found[0]) {
		want = keycrate.ErrHWIDInUse
	}
	m.manage(found, want, func(l *keycrateLicense) { l.Device = device }, func(c *keycrateCast) ([]*keycrate.License, error) {
		if device == "" {
			return alone(c.client(clerk).HWIDs.Clear(m.Context(), c.key(name)))
		}
		return alone(c.client(clerk).HWIDs.Set(m.Context(), c.key(name), device))
	}, "set the device of %s to %q", name, device)
}

func (m *keycrateModel) lock() {
	name, clerk, lock := m.someLicense(), m.caller(), pick(m.story, "lock", true, false)
	found, want := m.about(clerk, name)
	m.manage(found, want, func(l *keycrateLicense) { l.Lock = lock }, func(c *keycrateCast) ([]*keycrate.License, error) {
		return alone(c.client(clerk).HWIDs.SetLock(m.Context(), c.key(name), lock))
	}, "set the lock of %s to %v", name, lock)
}

func (m *keycrateModel) lockBulk() {
	list, clerk, lock := m.someLicenses(), m.caller(), pick(m.story, "lock", true, false)
	found, want := m.about(clerk, list...)
	m.manage(found, want, func(l *keycrateLicense) { l.Lock = lock }, func(c *keycrateCast) ([]*keycrate.License, error) {
		return c.client(clerk).HWIDs.SetLockBulk(m.Context(), c.keysOf(list), lock)
	}, "set the lock of %q to %v", list, lock)
}

func (m *keycrateModel) allowResets() {
	name, clerk, allowed := m.someLicense(), m.caller(), pick(m.story, "allowed", true, false)
	found, want := m.about(clerk, name)
	m.manage(found, want, func(l *keycrateLicense) { l.Resets = allowed }, func(c *keycrateCast) ([]*keycrate.License, error) {
		return alone(c.client(clerk).HWIDs.SetResetAllowed(m.Context(), c.key(name), allowed))
	}, "allow resets of %s: %v", name, allowed)
}

func (m *keycrateModel) setCooldown() {
	name, clerk, cooldown := m.someLicense(), m.caller(), pick(m.story, "cooldown", time.Hour, 0, 24*time.Hour, time.Second, time.Millisecond)
	found, want := m.about(clerk, name)
	if cooldown%time.Second != 0 {
		want = keycrate.ErrInvalid
	}
	m.manage(found, want, func(l *keycrateLicense) { l.Cooldown = cooldown }, func(c *keycrateCast) ([]*keycrate.License, error) {
		return alone(c.client(clerk).HWIDs.SetResetInterval(m.Context(), c.key(name), cooldown))
	}, "set the cooldown of %s to %v", name, cooldown)
}

// What end users do.

func (m *keycrateModel) authenticate() {
	s := m.story
	in := keycrateLogin{App: "app", Device: pick(s, "device", "PC-1", "laptop", "PC-1", "laptop", "")}
	if pick(s, "by key", true, true, true, false) {
		in.License = m.someLicense()
		if l := m.find(in.License); l != nil {
			in.App = l.App
			m.sometimesWait(time.Millisecond, l.Expires)
		}
	} else {
		in.User, in.Password = pick(s, "user", keycrateUsers...), pick(s, "password", "secret-1", "secret-2")
	}
	if !often(s, "its own app") {
		in.App = m.someApp()
	}
	good, l := m.verdict(in)
	verified := good == keycrate.CodeLicenseVerified || good == keycrate.CodeLicenseVerifiedUnusedAndLocked
	var want error
	var denial keycrate.Denial
	after := keycrateLicense{}
	switch {
	case verified:
		after = *l
		after.use(in.Device, m.now)
	case good == keycrate.CodeLicenseExpired:
		want, denial = code(good), keycrate.Denial{Code: good, ExpiresAt: l.Expires.time()}
	case good == keycrate.CodeHWIDMismatch:
		want, denial = code(good), keycrate.Denial{Code: good, HWIDResetAllowed: l.Resets, HWIDResetCooldown: l.Cooldown, LastHWIDResetAt: l.LastReset.time()}
	default:
		want, denial = code(good), keycrate.Denial{Code: good}
	}
	done := m.act(want, func(c *keycrateCast) error {
		p := keycrate.AuthParams{Credentials: keycrate.Credentials{Username: in.User, Password: in.Password}, HWID: in.Device}
		if in.License != "" {
			p.License = c.key(in.License)
		}
		auth, err := c.programs[in.App].Authenticate(m.Context(), p)
		if err == nil {
			agreeOn(s, "the code", good, auth.Code)
			agreeOn(s, "the times and the device as the program learns them", []any{after.Activated, after.Expires, after.Device}, []any{momentOf(auth.ActivatedAt), momentOf(auth.ExpiresAt), auth.HWID})
			return nil
		}
		return m.denied(denial, err)
	}, "authenticate %s", brief(in))
	if done {
		*l = after
	}
}

// denied is a refusal as its code, after a look at what else it tells.
func (m *keycrateModel) denied(want keycrate.Denial, err error) error {
	var denial *keycrate.Denial
	if !errors.As(err, &denial) {
		return err
	}
	told := *denial
	told.Raw, told.Unread = nil, nil
	if told.Code == want.Code {
		agreeOn(m.story, "what the refusal tells", want, told)
	}
	return code(told.Code)
}

func (m *keycrateModel) register() {
	s := m.story
	in := keycrateLogin{App: "app", License: m.someLicense(), User: pick(s, "user", keycrateUsers...), Password: pick(s, "password", "secret-1", "secret-2")}
	l := m.find(in.License)
	if l != nil {
		in.App = l.App
	}
	if !often(s, "its own app") {
		in.App = m.someApp()
	}
	var want error
	switch {
	case in.App == "nowhere":
		want = keycrate.ErrAppNotFound
	case l == nil || l.App != in.App:
		want = keycrate.ErrLicenseNotFound
	case l.Paused:
		want = keycrate.ErrLicenseNotActive
	case l.expired(m.now):
		want = keycrate.ErrLicenseExpired
	case l.User != "":
		want = keycrate.ErrLicenseAlreadyRegistered
	case m.named(in.App, in.User, l):
		want = keycrate.ErrUsernameTaken
	}
	done := m.act(want, func(c *keycrateCast) error {
		_, err := c.programs[in.App].Register(m.Context(), c.key(in.License), keycrate.Credentials{Username: in.User, Password: in.Password})
		return err
	}, "register %s", brief(in))
	if done {
		l.User, m.passwords[l.Name] = in.User, in.Password
	}
}

func (m *keycrateModel) portalReset() {
	if len(m.licenses) == 0 {
		return
	}
	l := pick(m.story, "license", m.licenses...)
	ready := func(l *keycrateLicense) bool { return l.Lock && l.Resets && l.Activated != never && !l.Paused }
	if first := findIn(m.licenses, ready); first != nil && often(m.story, "one that may be") {
		l = first
	}
	m.sometimesWait(time.Millisecond, l.LastReset.plus(l.Cooldown))
	name := l.Name
	var want error
	result := keycratemock.PortalResult{Done: true}
	free := l.LastReset.plus(l.Cooldown)
	switch {
	case !l.Lock:
		result = keycratemock.PortalResult{Blocked: keycratemock.BlockedByLock}
	case !l.Resets:
		result = keycratemock.PortalResult{Blocked: keycratemock.BlockedByRights}
	case l.Activated == never || l.Paused:
		result = keycratemock.PortalResult{Blocked: keycratemock.BlockedByState}
	case l.LastReset != never && m.now < free:
		result = keycratemock.PortalResult{Blocked: keycratemock.BlockedByCooldown, Wait: time.Duration(free - m.now)}
	}
	if !result.Done {
		want = code(result.Blocked)
	}
	// One more reset at the moment of the last one leaves nothing to see.
	done := m.actInSecret(want, func(c *keycrateCast) error {
		got := c.world.PortalReset(c.key(name))
		agreeOn(m.story, "what the portal says", result, got)
		if !got.Done {
			return code(got.Blocked)
		}
		return nil
	}, "reset the device of %s in the portal", name)
	if done {
		l.Device, l.LastReset = "", m.now
	}
}

// ban, switchApp and switchTeam keep end users out now and then, and let them in
// again before long.

func (m *keycrateModel) ban() {
	device := pick(m.story, "device", "laptop", "PC-1")
	ban := !m.banned[device] && !often(m.story, "let in")
	m.direct(func(c *keycrateCast) error {
		if ban {
			c.world.Blacklist(keycratemock.ByHWID, device)
		} else {
			c.world.Unblacklist(keycratemock.ByHWID, device)
		}
		return nil
	}, "blacklist %s: %v", device, ban)
	m.banned[device] = ban
}

func (m *keycrateModel) switchApp() {
	app := pick(m.story, "app", keycrateApps...)
	off := !m.appsOff[app] && !often(m.story, "let in")
	m.direct(func(c *keycrateCast) error { c.world.SetAppEnabled(c.places.ids[app], !off); return nil }, "switch %s off: %v", app, off)
	m.appsOff[app] = off
}

func (m *keycrateModel) switchTeam() {
	off := !m.teamOff && !often(m.story, "let in")
	m.direct(func(c *keycrateCast) error { c.world.SetTeamEnabled(!off); return nil }, "switch the team off: %v", off)
	m.teamOff = off
}

func (m *keycrateModel) wait() {
	var deadlines []moment
	for _, l := range m.licenses {
		deadlines = append(deadlines, l.Expires, l.LastReset.plus(l.Cooldown))
	}
	m.story.wait(time.Millisecond, deadlines)
}

// What is seen.

// check compares everything that is known with everything that is seen.
func (m *keycrateModel) check() {
	var all []any
	for _, t := range m.tiers {
		all = append(all, *t)
	}
	for _, l := range m.licenses {
		all = append(all, *l)
	}
	agree(m.story, "what is in the world", byName(all), m.cast.state())
	m.unseen(func(c *keycrateCast) {
		for _, app := range keycrateApps {
			agree(m.story, "the licenses of "+app, m.sorted(m.of(app), keycrate.SortByCreatedAt, false), m.walk(keycrate.ListLicensesParams{AppID: c.places.ids[app]}))
		}
		for _, name := range last(m.gone) {
			if m.find(name) == nil { // or its key has come back
				_, err := c.owner.Licenses.Get(m.Context(), c.key(name))
				m.expect(keycrate.ErrLicenseNotFound, err)
			}
		}
	})
	m.quiet()
}

// of are the licenses of an app.
func (m *keycrateModel) of(app string) []*keycrateLicense {
	return slices.DeleteFunc(slices.Clone(m.licenses), func(l *keycrateLicense) bool { return l.App != app })
}

// sorted are the names of licenses in an order. In either order what is empty
// comes last and what is equal goes by the keys.
func (m *keycrateModel) sorted(list []*keycrateLicense, by keycrate.SortField, ascending bool) []string {
	moments := func(a, b moment) int {
		switch {
		case a == never || b == never:
			return cmp.Compare(b, a)
		case ascending:
			return cmp.Compare(a, b)
		}
		return cmp.Compare(b, a)
	}
	texts := func(a, b string) int {
		if ascending {
			return cmp.Compare(a, b)
		}
		return cmp.Compare(b, a)
	}
	key := func(l *keycrateLicense) string { return m.cast.key(l.Name) }
	status := func(l *keycrateLicense) string {
		if l.Paused {
			return "paused"
		}
		return "active"
	}
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b *keycrateLicense) int {
		first := moments(a.Created, b.Created)
		switch by {
		case keycrate.SortByExpiresAt:
			first = moments(a.Expires, b.Expires)
		case keycrate.SortByActivatedAt:
			first = moments(a.Activated, b.Activated)
		case keycrate.SortByKey:
			first = texts(key(a), key(b))
		case keycrate.SortByStatus:
			first = texts(status(a), status(b))
		}
		return cmp.Or(first, cmp.Compare(key(a), key(b)))
	})
	names := []string{}
	for _, l := range list {
		names = append(names, l.Name)
	}
	return names
}

// walk has the names of all licenses that are selected, after a look at what the
// list tells of them.
func (m *keycrateModel) walk(p keycrate.ListLicensesParams) []string {
	list := []string{}
	for l, err := range m.cast.owner.Licenses.All(m.Context(), p) {
		m.expect(nil, err)
		seen := m.cast.inShop(l)
		if known := m.find(seen.Name); known != nil {
			agreeOn(m.story, "a license in a list", *known, seen)
			agreeOn(m.story, "whether it is unused", known.Activated == never, l.Unused())
			agreeOn(m.story, "whether it is usable", !known.Paused && !known.expired(m.now), l.Usable(m.now.time()))
		}
		list = append(list, seen.Name)
	}
	return list
}

func (m *keycrateModel) lookAtPages() {
	app, size, page := pick(m.story, "app", keycrateApps...), pick(m.story, "size", 1, 2, 3, 5, 0), pick(m.story, "page", 1, 2, 3, 7)
	all, full := m.sorted(m.of(app), keycrate.SortByCreatedAt, false), size
	if size == 0 {
		full = 50
	}
	m.look(func(c *keycrateCast) {
		got, err := c.owner.Licenses.List(m.Context(), keycrate.ListLicensesParams{AppID: c.places.ids[app], Page: page, PerPage: size})
		m.expect(nil, err)
		var list []string
		for _, l := range got.Licenses {
			list = append(list, c.keys.of(l.Key))
		}
		from := min((page-1)*full, len(all))
		agree(m.story, "the page", all[from:min(from+full, len(all))], list)
		agree(m.story, "page, size, total and pages", []int{page, full, len(all), (len(all) + full - 1) / full}, []int{got.Page, got.PerPage, got.Total, got.TotalPages})
		agree(m.story, "all pages", all, m.walk(keycrate.ListLicensesParams{AppID: c.places.ids[app], PerPage: size}))
	}, "look at page %d of pages of %d of %s", page, size, app)
}

func (m *keycrateModel) lookAtFilter() {
	s, c := m.story, m.cast
	app := pick(s, "app", keycrateApps...)
	p := keycrate.ListLicensesParams{
		AppID: c.places.ids[app], PerPage: pick(s, "size", 0, 2), SortOrder: pick(s, "order", "", keycrate.SortAscending, keycrate.SortDescending),
		SortField: pick(s, "sort by", "", keycrate.SortByCreatedAt, keycrate.SortByExpiresAt, keycrate.SortByActivatedAt, keycrate.SortByKey, keycrate.SortByStatus),
	}
	found := m.of(app)
	for _, by := range several(s, "by", 2, "status", "tier", "tags", "search") {
		holds := m.condition(by, &p)
		found = slices.DeleteFunc(found, func(l *keycrateLicense) bool { return !holds(l) })
	}
	m.look(func(*keycrateCast) {
		agree(s, "the licenses selected", m.sorted(found, p.SortField, p.SortOrder == keycrate.SortAscending), m.walk(p))
	}, "look for %s", brief(p))
}

// condition draws a condition of a kind.
func (m *keycrateModel) condition(by string, p *keycrate.ListLicensesParams) func(*keycrateLicense) bool {
	s := m.story
	switch by {
	case "status":
		p.Status = pick(s, by, keycrate.StatusActive, keycrate.StatusPaused)
		return func(l *keycrateLicense) bool { return l.Paused == (p.Status == keycrate.StatusPaused) }
	case "tier":
		tier := m.someTier()
		p.SubscriptionID = m.cast.places.ids[tier]
		return func(l *keycrateLicense) bool { return l.Tier == tier }
	case "tags":
		p.Tags = several(s, "tag", 2, "red", "blue", "green")
		return func(l *keycrateLicense) bool {
			return !slices.ContainsFunc(p.Tags, func(tag string) bool { return !slices.Contains(l.Tags, tag) })
		}
	}
	p.Search = pick(s, by, "A", "-", "an", "bert", "T", "ONLY")
	return func(l *keycrateLicense) bool {
		return strings.Contains(m.cast.key(l.Name), p.Search) || strings.Contains(l.User, p.Search)
	}
}

// lookAtShares looks whether filters that exclude each other share out all
// licenses, and at the subscriptions.
func (m *keycrateModel) lookAtShares() {
	app := pick(m.story, "app", keycrateApps...)
	m.look(func(c *keycrateCast) {
		id := c.places.ids[app]
		var byStatus, byTier, titles []string
		for _, status := range []keycrate.Status{keycrate.StatusActive, keycrate.StatusPaused} {
			byStatus = append(byStatus, m.walk(keycrate.ListLicensesParams{AppID: id, Status: status})...)
		}
		listed, err := c.owner.Subscriptions.List(m.Context(), id)
		m.expect(nil, err)
		var tiers, known []any
		for _, sub := range listed {
			tiers = append(tiers, c.tierInShop(sub))
			titles = append(titles, string(rune('0'+sub.Level))+sub.Name)
			byTier = append(byTier, m.walk(keycrate.ListLicensesParams{AppID: id, SubscriptionID: sub.ID})...)
		}
		for _, t := range m.tiers {
			if t.App == app {
				known = append(known, *t)
			}
		}
		all := sortedList(m.sorted(m.of(app), "", false))
		agree(m.story, "the licenses of both statuses", all, sortedList(byStatus))
		agree(m.story, "the licenses of all subscriptions", all, sortedList(byTier))
		agree(m.story, "the subscriptions", byName(known), byName(tiers))
		agree(m.story, "levels and titles in the order of the list", sortedList(titles), titles)
	}, "look how statuses and subscriptions share out the licenses of %s", app)
}

func (m *keycrateModel) lookAtOne() {
	name, clerk := m.someLicense(), m.caller()
	found, want := m.about(clerk, name)
	m.look(func(c *keycrateCast) {
		got, err := c.client(clerk).Licenses.Get(m.Context(), c.key(name))
		m.expect(want, err)
		for _, l := range found {
			agreeOn(m.story, "the license", *l, c.inShop(got))
		}
	}, "look at %s", name)
}

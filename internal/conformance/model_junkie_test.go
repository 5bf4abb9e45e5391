package conformance

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/keysmith-go/keysmith/junkie"
	"github.com/keysmith-go/keysmith/mockserver/junkiemock"
)

func TestModelOfJunkie(t *testing.T) {
	play(t, newJunkieCast, func(s *story[*junkieCast]) ([]turn, func()) {
		m := &junkieModel{story: s, bans: map[string]moment{}}
		return []turn{
			{4, "create", m.create}, {1, "create a batch", m.batch}, {4, "update", m.update},
			{6, "verify", m.verify}, {1, "reset", m.reset}, {1, "redeem", m.redeem}, {1, "ban", m.ban}, {1, "lift a ban", m.unban},
			{1, "delete", m.delete}, {1, "delete several", m.bulkDelete}, {1, "remove", m.remove}, {4, "wait", m.wait},
			{1, "look at pages", m.lookAtPages}, {2, "look at a filter", m.lookAtFilter}, {1, "look at one", m.lookAtOne}, {1, "look at shares", m.lookAtShares},
		}, m.check
	})
}

// junkieCast are the vendor's world and a shop's client.
type junkieCast struct {
	world  *junkiemock.World
	client *junkie.Client
	keys   names[int64]
	values map[string]string // of keys by name
	places names[int64]      // providers, services and folders
}

func newJunkieCast(r *rig) *junkieCast {
	c := (&junkieCast{keys: newNames[int64](), values: map[string]string{}, places: newNames[int64]()}).on(r)
	c.places.give("shop", c.world.AddProvider("shop").ID)
	c.places.give("outlet", c.world.AddProvider("outlet", junkiemock.KeyPrefix("OUT")).ID)
	c.places.give("plain", c.world.AddService("plain").ID)
	c.places.give("premium", c.world.AddService("premium", junkiemock.Premium()).ID)
	c.places.give("keyless", c.world.AddService("keyless", junkiemock.Keyless()).ID)
	c.places.give("attic", c.world.AddFolder("attic").ID)
	c.places.give("cellar", c.world.AddFolder("cellar").ID)
	c.places.give("nowhere", 9999)
	return c
}

func (c *junkieCast) on(r *rig) *junkieCast {
	client, err := junkie.New(r.junkieConfig())
	if err != nil {
		panic(err)
	}
	moved := *c
	moved.world, moved.client = r.Junkie, client
	return &moved
}

func (c *junkieCast) state() []any {
	var keys []junkieKey
	for _, k := range c.world.Keys() {
		keys = append(keys, c.inWorld(k))
	}
	return items(keys)
}

// meet remembers a new key by its name.
func (c *junkieCast) meet(name string, id int64, value string) {
	c.keys.give(name, id)
	c.values[name] = value
}

// ref refers to a key by its id or its value.
func (c *junkieCast) ref(name string, byValue bool) junkie.KeyRef {
	switch {
	case name == junkieNobody && byValue:
		return junkie.Value("no such value")
	case name == junkieNobody:
		return junkie.ID(99999)
	case byValue:
		return junkie.Value(c.values[name])
	}
	return junkie.ID(c.keys.ids[name])
}

// junkieNobody is the name of a key that never was.
const junkieNobody = "nobody's key"

// junkieKey is what is known of a key.
type junkieKey struct {
	Name                      string // the story's
	Provider, Service, Folder string
	Label, Discord            string
	Created, Used, Expires    moment
	Minutes                   int64 // of validity; 0: forever

	Premium, Off, Once, FromFirstUse, NoHWID bool

	Limit    int64 // of devices; 0: none
	Devices  []junkieDevice
	Redeemed moment
}

type junkieDevice struct {
	HWID, User, By string
	At             moment
}

// inWorld is a key as the mock has it.
func (c *junkieCast) inWorld(k junkiemock.Key) junkieKey {
	seen := junkieKey{
		Name: c.keys.of(k.ID), Provider: c.places.of(k.ProviderID), Service: c.places.of(k.ServiceID), Folder: c.places.of(k.FolderID),
		Label: k.Name, Discord: k.DiscordID, Created: momentOf(k.CreatedAt), Used: momentOf(k.UsedAt), Expires: momentOf(k.ExpiresAt),
		Minutes: k.ValidityMinutes, Premium: k.Premium, Off: k.Invalidated, Once: k.OneTimeUse, FromFirstUse: k.ExpiryOnFirstUse,
		NoHWID: k.NoHWID, Limit: k.HWIDLimit, Redeemed: never,
	}
	for _, d := range k.Devices {
		seen.Devices = append(seen.Devices, junkieDevice{d.HWID, d.ExecutorUserID, d.BoundBy, momentOf(d.BoundAt)})
	}
	if k.Redemption != nil {
		seen.Redeemed = momentOf(k.Redemption.RedeemedAt)
	}
	return seen
}

// inShop is a key as the client has it.
func (c *junkieCast) inShop(k *junkie.Key) junkieKey {
	seen := junkieKey{
		Name: c.keys.of(k.ID), Provider: k.ProviderName, Service: k.ServiceName, Folder: k.FolderName,
		Label: k.Name, Discord: k.DiscordID, Created: momentOf(k.CreatedAt), Used: momentOf(k.UsedAt), Expires: momentOf(k.ExpiresAt),
		Minutes: int64(k.Validity / time.Minute), Premium: k.Premium, Off: k.Invalidated, Once: k.OneTimeUse, FromFirstUse: k.ExpiryOnFirstUse,
		NoHWID: k.NoHWID, Limit: int64(k.HWIDLimit), Redeemed: never,
	}
	for _, d := range k.HWIDs {
		seen.Devices = append(seen.Devices, junkieDevice{d.Value, d.ExecutorUserID, string(d.BoundBy), momentOf(d.BoundAt)})
	}
	if k.DiscordRedemption != nil {
		seen.Redeemed = momentOf(k.DiscordRedemption.RedeemedAt)
	}
	return seen
}

// junkieModel are the vendor's rules.
type junkieModel struct {
	*story[*junkieCast]
	keys []*junkieKey // oldest first
	gone []string
	bans map[string]moment // their ends by device
}

// The rules of one key.

// deadline is when a key expires by its validity.
func (k *junkieKey) deadline() moment {
	switch {
	case k.Minutes == 0:
		return never
	case k.FromFirstUse:
		return k.Used.plus(time.Duration(k.Minutes) * time.Minute)
	}
	return k.Created.plus(time.Duration(k.Minutes) * time.Minute)
}

func (k *junkieKey) status(now moment) junkie.Status {
	switch {
	case k.Off:
		return junkie.StatusInvalidated
	case k.Expires.reached(now):
		return junkie.StatusExpired
	case k.Used != never:
		return junkie.StatusUsed
	}
	return junkie.StatusActive
}

func (k *junkieKey) has(device string) bool {
	return slices.ContainsFunc(k.Devices, func(d junkieDevice) bool { return d.HWID == device })
}

// bind binds devices in place of those that there are, by the API.
func (k *junkieKey) bind(devices []string, now moment) {
	k.Devices = nil
	for _, device := range devices {
		if device != "" && !k.has(device) {
			k.Devices = append(k.Devices, junkieDevice{device, "", junkiemock.BoundByAPI, now})
		}
	}
}

// verdict is what a verification is told.
func (m *junkieModel) verdict(k *junkieKey, device, service string) code {
	banned := m.bans[device]
	switch _, onList := m.bans[device]; {
	case service == "nowhere":
		return junkiemock.CodeServiceNotFound
	case service == "keyless":
		return junkiemock.CodeKeyless
	case k == nil:
		return junkiemock.CodeKeyInvalid
	case service != "" && k.Service != "" && k.Service != service:
		return junkiemock.CodeServiceMismatch
	case onList && !banned.reached(m.now):
		return junkiemock.CodeHWIDBanned
	case k.Off:
		return junkiemock.CodeKeyInvalidated
	case k.Expires.reached(m.now):
		return junkiemock.CodeKeyExpired
	case k.Once && k.Used != never:
		return junkiemock.CodeAlreadyUsed
	case service == "premium" && !k.Premium:
		return junkiemock.CodePremiumRequired
	case !k.NoHWID && !k.has(device) && k.Limit > 0 && int64(len(k.Devices)) >= k.Limit:
		return junkiemock.CodeHWIDMismatch
	}
	return junkiemock.CodeKeyValid
}

// use is a successful verification.
func (k *junkieKey) use(device, user string, now moment) {
	if k.Used == never {
		k.Used = now
		if k.FromFirstUse && k.Expires == never {
			k.Expires = k.deadline()
		}
	}
	if !k.NoHWID && !k.has(device) {
		k.Devices = append(k.Devices, junkieDevice{device, user, junkiemock.BoundByVerify, now})
	}
}

// find is the key of a name, or nil.
func (m *junkieModel) find(name string) *junkieKey {
	for _, k := range m.keys {
		if k.Name == name {
			return k
		}
	}
	return nil
}

// drop deletes keys and returns how many of them there were.
func (m *junkieModel) drop(names ...string) (dropped int) {
	for _, name := range names {
		before := len(m.keys)
		m.keys = slices.DeleteFunc(m.keys, func(k *junkieKey) bool { return k.Name == name })
		if len(m.keys) < before {
			dropped++
			m.gone = append(m.gone, name)
		}
	}
	return dropped
}

// selected are the keys for which a condition holds, in the order of lists: the
// newest first and, of one moment, the highest number.
func (m *junkieModel) selected(holds func(*junkieKey) bool) []string {
	names := []string{}
	for _, k := range slices.Backward(m.keys) {
		if holds(k) {
			names = append(names, k.Name)
		}
	}
	return names
}

// What happens.

// someKey draws the name of a key, rarely of one that is no more or never was. If
// there is none yet, it lets one be created.
func (m *junkieModel) someKey() string {
	if len(m.keys) == 0 && often(m.story, "first create one") {
		m.create()
	}
	if alive := m.alive(); len(alive) > 0 && often(m.story, "alive") {
		return pick(m.story, "key", alive...)
	}
	return pick(m.story, "key", append(slices.Clone(m.gone), junkieNobody)...)
}

func (m *junkieModel) alive() []string {
	return m.selected(func(*junkieKey) bool { return true })
}

// known is nil if a key exists, and else how a call about it fails.
func (m *junkieModel) known(name string) error {
	if m.find(name) == nil {
		return junkie.ErrNotFound
	}
	return nil
}

// newKey draws a key and tells how the call fails that is to make it.
func (m *junkieModel) newKey() (k junkieKey, devices []string, want error) {
	s := m.story
	k = junkieKey{
		Provider: pick(s, "provider", "shop", "outlet"), Service: pick(s, "service", "", "plain", "premium"), Folder: pick(s, "folder", "", "attic", "cellar"),
		Label: pick(s, "label", "", "gift"), Discord: pick(s, "discord", "", "10000000000000001", "1000000000000000002"),
		Minutes: pick[int64](s, "minutes", 0, 60, 1, 1440), Limit: pick[int64](s, "limit", 0, 1, 1, 2),
		Created: s.now.down(time.Millisecond), Used: never, Redeemed: never,
	}
	if !often(s, "right") {
		want = junkie.ErrNotFound
		switch pick(s, "wrong", "provider", "service", "folder", "limit") {
		case "provider":
			k.Provider = "nowhere"
		case "service":
			k.Service = "nowhere"
		case "folder":
			k.Folder = "nowhere"
		case "limit":
			k.Limit, want = 101, junkie.ErrInvalid
		}
	}
	flags := several(s, "flags", 3, "first use", "once", "premium", "no hwid")
	k.FromFirstUse, k.Once = slices.Contains(flags, "first use"), slices.Contains(flags, "once")
	k.Premium, k.NoHWID = slices.Contains(flags, "premium"), slices.Contains(flags, "no hwid")
	k.Expires = k.deadline()
	devices = pick(s, "devices", nil, nil, nil, nil, []string{"PC-1"}, []string{"laptop", "PC-1", "laptop"}, []string{""})
	return k, devices, want
}

func (m *junkieModel) create() {
	k, devices, want := m.newKey()
	k.bind(devices, k.Created)
	k.Name = m.name("key")
	if slices.Contains(devices, "") {
		want = junkie.ErrInvalid
	}
	done := m.act(want, func(c *junkieCast) error {
		made, err := c.client.Keys.Create(m.Context(), junkie.CreateKeyParams{
			ProviderID: c.places.ids[k.Provider], ServiceID: c.places.ids[k.Service], FolderID: c.places.ids[k.Folder],
			Name: k.Label, DiscordID: k.Discord, Validity: time.Duration(k.Minutes) * time.Minute, ExpiryOnFirstUse: k.FromFirstUse,
			Premium: k.Premium, OneTimeUse: k.Once, HWIDLimit: int(k.Limit), NoHWID: k.NoHWID, HWIDs: devices,
		})
		if err == nil {
			c.meet(k.Name, made.ID, made.Value)
			agreeOn(m.story, "the new key as it was answered", k, c.inShop(made))
		}
		return err
	}, "create %s with devices %q", brief(k), devices)
	if done {
		added := k // the deed keeps k as it was
		m.keys = append(m.keys, &added)
	}
}

func (m *junkieModel) batch() {
	k, devices, want := m.newKey()
	devices = devices[:min(1, len(devices))]
	k.bind(devices, k.Created)
	amount := pick(m.story, "amount", 1, 2, 3, 2, 3, 0, 101)
	if amount < 1 || amount > 100 {
		want = junkie.ErrInvalid
	}
	var names []string
	for range min(amount, 3) {
		names = append(names, m.name("key"))
	}
	done := m.act(want, func(c *junkieCast) error {
		made, err := c.client.Keys.CreateBatch(m.Context(), junkie.CreateBatchParams{
			Amount: amount, ProviderID: c.places.ids[k.Provider], ServiceID: c.places.ids[k.Service], FolderID: c.places.ids[k.Folder],
			Name: k.Label, DiscordID: k.Discord, Validity: time.Duration(k.Minutes) * time.Minute, ExpiryOnFirstUse: k.FromFirstUse,
			Premium: k.Premium, OneTimeUse: k.Once, HWIDLimit: int(k.Limit), NoHWID: k.NoHWID, HWID: strings.Join(devices, ""),
		})
		if err != nil {
			return err
		}
		agreeOn(m.story, "keys of the batch", amount, len(made.Values))
		agreeOn(m.story, "count of the batch", amount, made.Count)
		for i, value := range made.Values {
			found, known := c.world.KeyByValue(value)
			agreeOn(m.story, "is the key of the batch there", true, known)
			c.meet(names[i], found.ID, value)
		}
		return nil
	}, "create a batch of %d %s", amount, brief(k))
	if !done {
		return
	}
	for _, name := range names {
		one := k
		one.Name, one.Devices = name, slices.Clone(k.Devices)
		m.keys = append(m.keys, &one)
	}
}

// update changes up to three things of a key at once.
func (m *junkieModel) update() {
	name, byValue := m.someKey(), pick(m.story, "by value", false, true)
	want := m.known(name)
	after := junkieKey{Expires: never}
	if want == nil {
		after = *m.find(name)
	}
	var p junkie.UpdateKeyParams
	var folder string
	fields := several(m.story, "fields", 3, "label", "folder", "discord", "validity", "first use", "expires", "premium", "once", "off", "limit", "no hwid", "devices")
	what := []string{}
	for _, field := range fields {
		what = append(what, field+" "+m.change(field, &after, &p, &folder))
	}
	switch {
	case !p.ExpiresAt.IsZero(): // told, and that is that
	case !p.Validity.IsZero() || !p.ExpiryOnFirstUse.IsZero():
		after.Expires = after.deadline()
	}
	if p.FolderID.IsZero() && folder == "nowhere" && want == nil {
		want = junkie.ErrNotFound
	}
	done := m.act(want, func(c *junkieCast) error {
		p := p
		if folder != "" {
			p.FolderID = junkie.Set(c.places.ids[folder])
		}
		result, err := c.client.Keys.Update(m.Context(), c.ref(name, byValue), p)
		if err == nil && !p.HWIDs.IsZero() {
			var bound []string
			for _, d := range after.Devices {
				bound = append(bound, d.HWID)
			}
			agree(m.story, "devices as answered", bound, result.HWIDs)
		}
		return err
	}, "update %s: %s", name, strings.Join(what, ", "))
	if done {
		*m.find(name) = after
	}
}

// change draws a new value of a field, sets it and tells it.
func (m *junkieModel) change(field string, k *junkieKey, p *junkie.UpdateKeyParams, folder *string) string {
	s := m.story
	flag := func(of *bool, param *junkie.Opt[bool]) string {
		*of = pick(s, field, true, false)
		*param = junkie.Set(*of)
		return strconv.FormatBool(*of)
	}
	text := func(of *string, param *junkie.Opt[string], values ...string) string {
		*of = pick(s, field, values...)
		if *param = junkie.Set(*of); *of == "" {
			*param = junkie.Null[string]()
		}
		return param.String()
	}
	switch field {
	case "label":
		return text(&k.Label, &p.Name, "gift", "prize", "")
	case "discord":
		return text(&k.Discord, &p.DiscordID, "10000000000000001", "1000000000000000002", "")
	case "folder":
		*folder = pick(s, field, "attic", "cellar", "", "attic", "cellar", "", "nowhere")
		if k.Folder = *folder; k.Folder == "" {
			p.FolderID = junkie.Null[int64]()
		}
		return k.Folder
	case "validity":
		k.Minutes = pick[int64](s, field, 60, 0, 1, 1440)
		if p.Validity = junkie.Set(time.Duration(k.Minutes) * time.Minute); k.Minutes == 0 && pick(s, "null", true, false) {
			p.Validity = junkie.Null[time.Duration]()
		}
		return p.Validity.String()
	case "expires":
		k.Expires = pick(s, field, m.now.plus(time.Hour), m.now, m.now.plus(-time.Hour), never)
		if p.ExpiresAt = junkie.Set(k.Expires.time()); k.Expires == never {
			p.ExpiresAt = junkie.Null[time.Time]()
		}
		return k.Expires.String()
	case "limit":
		k.Limit = pick[int64](s, field, 1, 2, 0) // null is another way to say 0 that only raw answers show
		p.HWIDLimit = junkie.Set(int(k.Limit))
		return p.HWIDLimit.String()
	case "devices":
		devices := pick(s, field, nil, []string{"PC-1"}, []string{"laptop", "phone", "laptop"})
		k.bind(devices, m.now)
		p.HWIDs = junkie.Set(devices)
		return fmt.Sprintf("%q", devices)
	case "first use":
		return flag(&k.FromFirstUse, &p.ExpiryOnFirstUse)
	case "premium":
		return flag(&k.Premium, &p.Premium)
	case "once":
		return flag(&k.Once, &p.OneTimeUse)
	case "off":
		return flag(&k.Off, &p.Invalidated)
	}
	return flag(&k.NoHWID, &p.NoHWID)
}

func (m *junkieModel) delete() {
	name, byValue := m.someKey(), pick(m.story, "by value", false, true)
	if m.act(m.known(name), func(c *junkieCast) error { return c.client.Keys.Delete(m.Context(), c.ref(name, byValue)) }, "delete %s", name) {
		m.drop(name)
	}
}

func (m *junkieModel) bulkDelete() {
	var list []string
	var byValue []bool
	for range pick(m.story, "how many", 1, 2, 3, 1, 2, 3, 0) {
		list, byValue = append(list, m.someKey()), append(byValue, pick(m.story, "by value", false, true))
	}
	var want error
	if len(list) == 0 {
		want = junkie.ErrInvalid
	}
	deleted := m.drop(list...)
	m.act(want, func(c *junkieCast) error {
		var refs []junkie.KeyRef
		for i, name := range list {
			refs = append(refs, c.ref(name, byValue[i]))
		}
		result, err := c.client.Keys.BulkDelete(m.Context(), refs)
		if err == nil {
			agreeOn(m.story, "the answer", junkie.BulkDeleteResult{Requested: len(list), Deleted: deleted}, *result)
		}
		return err
	}, "delete %q", list)
}

func (m *junkieModel) reset() {
	name, byValue := m.someKey(), pick(m.story, "by value", false, true)
	if m.act(m.known(name), func(c *junkieCast) error { return c.client.Keys.ResetHWIDs(m.Context(), c.ref(name, byValue)) }, "reset the devices of %s", name) {
		m.find(name).Devices = nil
	}
}

func (m *junkieModel) verify() {
	name, device := m.someKey(), pick(m.story, "device", "PC-1", "laptop", "phone")
	service := pick(m.story, "service", "", "", "", "", "", "", "plain", "plain", "premium", "premium", "keyless", "nowhere")
	user := pick(m.story, "user", "", "player")
	k := m.find(name)
	if k != nil {
		m.sometimesWait(time.Millisecond, k.Expires)
	}
	good := m.verdict(k, device, service)
	var want error = good
	if good == junkiemock.CodeKeyValid || good == junkiemock.CodeKeyless {
		want = nil
	}
	done := m.act(want, func(c *junkieCast) error {
		var opts []junkiemock.VerifyOption
		if service != "" {
			opts = append(opts, junkiemock.ForService(c.places.ids[service]))
		}
		if user != "" {
			opts = append(opts, junkiemock.ByExecutorUser(user))
		}
		value := "no such value"
		if name != junkieNobody {
			value = c.values[name]
		}
		if v := c.world.Verify(value, device, opts...); !v.Valid || code(v.Code) != good {
			return code(v.Code)
		}
		return nil
	}, "%s is verified on %s for service %q by user %q", name, device, service, user)
	if done && good == junkiemock.CodeKeyValid {
		k.use(device, user, m.now)
	}
}

func (m *junkieModel) ban() {
	device := pick(m.story, "device", "PC-1", "laptop", "phone")
	until := pick(m.story, "until", never, m.now.plus(time.Minute))
	harsh := pick(m.story, "harsh", false, true)
	m.direct(func(c *junkieCast) error {
		c.world.BanDevice(junkiemock.Ban{HWID: device, Until: until.time(), InvalidateKeys: harsh})
		return nil
	}, "ban %s until %v, and invalidate its keys: %v", device, until, harsh)
	m.bans[device] = until
	for _, k := range m.keys {
		if harsh && k.has(device) {
			k.Off = true
		}
	}
}

func (m *junkieModel) unban() {
	device := pick(m.story, "device", "PC-1", "laptop", "phone")
	m.direct(func(c *junkieCast) error { c.world.UnbanDevice(device); return nil }, "lift the ban of %s", device)
	delete(m.bans, device)
}

func (m *junkieModel) redeem() {
	name := m.someKey()
	k := m.find(name)
	var want error
	if k == nil || k.Off || k.Expires.reached(m.now) || k.Redeemed != never {
		want = code("not redeemed")
	}
	done := m.act(want, func(c *junkieCast) error {
		if !c.world.Redeem(c.values[name], "10000000000000001") {
			return code("not redeemed")
		}
		return nil
	}, "%s is redeemed", name)
	if done {
		k.Redeemed = m.now
	}
}

func (m *junkieModel) remove() {
	name := m.someKey()
	var want error
	if m.find(name) == nil {
		want = code("not removed")
	}
	done := m.act(want, func(c *junkieCast) error {
		if !c.world.RemoveKey(c.keys.ids[name]) {
			return code("not removed")
		}
		return nil
	}, "%s is removed in the dashboard", name)
	if done {
		m.drop(name)
	}
}

func (m *junkieModel) wait() {
	var deadlines []moment
	for _, k := range m.keys {
		deadlines = append(deadlines, k.Expires)
	}
	for _, device := range sorted(m.bans) {
		deadlines = append(deadlines, m.bans[device])
	}
	m.story.wait(time.Millisecond, deadlines)
}

// What is seen.

// check compares everything that is known with everything that is seen.
func (m *junkieModel) check() {
	var keys, listed []junkieKey
	for _, k := range m.keys {
		keys = append(keys, *k)
	}
	agree(m.story, "the keys in the world", items(keys), m.cast.state())
	m.unseen(func(c *junkieCast) {
		for k, err := range c.client.Keys.All(m.Context(), junkie.ListKeysParams{}) {
			m.expect(nil, err)
			agreeOn(m.story, "the status of "+c.keys.of(k.ID), m.find(c.keys.of(k.ID)).status(m.now), k.Status(m.now.time()))
			listed = append(listed, c.inShop(k))
		}
		for _, byValue := range []bool{false, true} {
			for _, name := range last(m.gone) {
				_, err := c.client.Keys.Get(m.Context(), c.ref(name, byValue))
				m.expect(junkie.ErrNotFound, err)
			}
		}
	})
	slices.Reverse(listed)
	for i := range keys {
		keys[i].Redeemed = never // lists do not tell
	}
	agree(m.story, "the keys in a list, turned round", keys, listed)
	m.quiet()
}

// listed are the names of listed keys.
func (c *junkieCast) listed(keys []*junkie.Key) []string {
	list := []string{}
	for _, k := range keys {
		list = append(list, c.keys.of(k.ID))
	}
	return list
}

func (m *junkieModel) lookAtPages() {
	limit, page := pick(m.story, "limit", 1, 2, 3, 5, 0, 100), pick(m.story, "page", 1, 2, 3, 7)
	all, size := m.alive(), limit
	if limit == 0 {
		size = 50
	}
	m.look(func(c *junkieCast) {
		got, err := c.client.Keys.List(m.Context(), junkie.ListKeysParams{Page: page, Limit: limit})
		m.expect(nil, err)
		from := min((page-1)*size, len(all))
		agree(m.story, "the page", all[from:min(from+size, len(all))], c.listed(got.Keys))
		agree(m.story, "page, limit, total and pages", []int{page, size, len(all), (len(all) + size - 1) / size}, []int{got.Page, got.Limit, got.Total, got.TotalPages})
		agree(m.story, "all pages", all, m.walk(junkie.ListKeysParams{Limit: limit}))
	}, "look at page %d of pages of %d", page, limit)
}

// walk has the names of all keys that are selected.
func (m *junkieModel) walk(p junkie.ListKeysParams) []string {
	keys := []*junkie.Key{}
	for k, err := range m.cast.client.Keys.All(m.Context(), p) {
		m.expect(nil, err)
		keys = append(keys, k)
	}
	return m.cast.listed(keys)
}

func (m *junkieModel) lookAtFilter() {
	s := m.story
	p := junkie.ListKeysParams{Limit: pick(s, "limit", 0, 2)}
	conditions := []func(*junkieKey) bool{}
	for _, by := range several(s, "by", 2, "value", "device", "discord", "provider", "service", "folder", "status", "before", "after") {
		var holds func(*junkieKey) bool
		p, holds = m.condition(by, p)
		conditions = append(conditions, holds)
	}
	want := m.selected(func(k *junkieKey) bool {
		return !slices.ContainsFunc(conditions, func(holds func(*junkieKey) bool) bool { return !holds(k) })
	})
	m.look(func(*junkieCast) { agree(m.story, "the keys selected", want, m.walk(p)) }, "look for %s", brief(p))
}

// condition draws a condition of a kind.
func (m *junkieModel) condition(by string, p junkie.ListKeysParams) (junkie.ListKeysParams, func(*junkieKey) bool) {
	s, c := m.story, m.cast
	switch by {
	case "value":
		p.ValueContains = pick(s, by, "a", "OUT-", "7F", "%")
		return p, func(k *junkieKey) bool {
			return strings.Contains(strings.ToLower(c.values[k.Name]), strings.ToLower(p.ValueContains))
		}
	case "device":
		p.HWIDContains = pick(s, by, "PC-1", "p", "laptop", "*")
		return p, func(k *junkieKey) bool {
			return slices.ContainsFunc(k.Devices, func(d junkieDevice) bool {
				return strings.Contains(strings.ToLower(d.HWID), strings.ToLower(p.HWIDContains))
			})
		}
	case "discord":
		p.DiscordID = pick(s, by, "10000000000000001", "1000000000000000002", "1000000000000000")
		return p, func(k *junkieKey) bool { return k.Discord == p.DiscordID }
	case "provider":
		name := pick(s, by, "shop", "outlet", "nowhere")
		p.ProviderID = c.places.ids[name]
		return p, func(k *junkieKey) bool { return k.Provider == name }
	case "service":
		name := pick(s, by, "plain", "premium", "keyless", "nowhere")
		p.ServiceID = c.places.ids[name]
		return p, func(k *junkieKey) bool { return k.Service == name }
	case "folder":
		name := pick(s, by, "attic", "cellar", "nowhere")
		p.FolderID = c.places.ids[name]
		return p, func(k *junkieKey) bool { return k.Folder == name }
	case "status":
		p.Status = pick(s, by, junkieStatuses...)
		return p, func(k *junkieKey) bool { return k.status(m.now) == p.Status }
	case "before":
		at := m.someDeadline()
		p.ExpiresBefore = at.time()
		return p, func(k *junkieKey) bool { return k.Expires != never && k.Expires < at }
	}
	at := m.someDeadline()
	p.ExpiresAfter = at.time()
	return p, func(k *junkieKey) bool { return k.Expires != never && k.Expires > at }
}

var junkieStatuses = []junkie.Status{junkie.StatusActive, junkie.StatusUsed, junkie.StatusExpired, junkie.StatusInvalidated}

// someDeadline draws the deadline of a key, or a moment beside one.
func (m *junkieModel) someDeadline() moment {
	at := []moment{m.now}
	for _, k := range m.keys {
		if k.Expires != never {
			at = append(at, k.Expires, k.Expires+moment(time.Millisecond), k.Expires-moment(time.Millisecond))
		}
	}
	return pick(m.story, "at", at...)
}

// lookAtShares looks whether filters that exclude each other share out all keys.
func (m *junkieModel) lookAtShares() {
	at := m.someDeadline()
	m.look(func(c *junkieCast) {
		var byStatus, byProvider []string
		for _, status := range junkieStatuses {
			byStatus = append(byStatus, m.walk(junkie.ListKeysParams{Status: status})...)
		}
		agree(m.story, "the keys of all statuses", sortedList(m.alive()), sortedList(byStatus))
		for _, provider := range []string{"shop", "outlet"} {
			byProvider = append(byProvider, m.walk(junkie.ListKeysParams{ProviderID: c.places.ids[provider]})...)
		}
		agree(m.story, "the keys of all providers", sortedList(m.alive()), sortedList(byProvider))
		byExpiry := m.selected(func(k *junkieKey) bool { return k.Expires == never || k.Expires == at })
		byExpiry = append(byExpiry, m.walk(junkie.ListKeysParams{ExpiresBefore: at.time()})...)
		byExpiry = append(byExpiry, m.walk(junkie.ListKeysParams{ExpiresAfter: at.time()})...)
		agree(m.story, "the keys that expire before, at or after a moment, or never", sortedList(m.alive()), sortedList(byExpiry))
	}, "look how statuses, providers and deadlines before and after %v share out the keys", at)
}

func (m *junkieModel) lookAtOne() {
	name, byValue := m.someKey(), pick(m.story, "by value", false, true)
	m.look(func(c *junkieCast) {
		got, err := c.client.Keys.Get(m.Context(), c.ref(name, byValue))
		m.expect(m.known(name), err)
		if k := m.find(name); k != nil {
			agreeOn(m.story, "the key", *k, c.inShop(got))
			usable := k.status(m.now) == junkie.StatusActive || k.status(m.now) == junkie.StatusUsed && !k.Once
			agreeOn(m.story, "whether the key is usable", usable, got.Usable(m.now.time()))
		}
	}, "look at %s", name)
}

package conformance

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keysmith-go/keysmith/luaprot"
	"github.com/keysmith-go/keysmith/mockserver/luaprotmock"
)

func TestModelOfLuaProt(t *testing.T) {
	play(t, newLuaprotCast, func(s *story[*luaprotCast]) ([]turn, func()) {
		m := &luaprotModel{story: s, runs: map[string]int64{}}
		return []turn{
			{4, "add", m.add}, {1, "generate", m.generate}, {5, "update", m.update}, {6, "check", m.checkIn},
			{2, "reset", m.reset}, {1, "blacklist globally", m.blacklistGlobally}, {1, "lift globally", m.liftGlobally},
			{1, "delete", m.delete}, {1, "delete several", m.bulkDelete}, {1, "remove", m.remove}, {4, "wait", m.wait},
			{2, "look at pages", m.lookAtPages}, {2, "look at a filter", m.lookAtFilter}, {2, "look at one", m.lookAtOne}, {1, "look at shares", m.lookAtShares},
		}, m.check
	})
}

// luaprotCast are the vendor's world and a shop's client.
type luaprotCast struct {
	world  *luaprotmock.World
	client *luaprot.Client
	keys   names[string]
	places names[string] // hubs and scripts
}

func newLuaprotCast(r *rig) *luaprotCast {
	c := (&luaprotCast{keys: newNames[string](), places: newNames[string]()}).on(r)
	for _, hub := range []string{"main", "side"} {
		id := c.world.AddHub(hub).ID
		c.places.give(hub, id)
		for _, script := range []string{"loader", "extra"} {
			c.places.give(hub+" "+script, c.world.AddScript(id, script).ID)
		}
	}
	for i, nowhere := range []string{"nowhere", "nowhere loader", "nowhere extra"} {
		c.places.give(nowhere, fmt.Sprintf("9999999999999999999%d", i))
	}
	return c
}

func (c *luaprotCast) on(r *rig) *luaprotCast {
	config := r.luaprotConfig()
	config.Pacing = luaprot.NoPacing()
	client, err := luaprot.New(config)
	if err != nil {
		panic(err)
	}
	moved := *c
	moved.world, moved.client = r.LuaProt, client
	return &moved
}

func (c *luaprotCast) hub(name string) *luaprot.Hub { return c.client.Hub(c.places.ids[name]) }

func (c *luaprotCast) state() []any {
	var keys []luaprotKey
	for _, k := range c.world.Keys() {
		keys = append(keys, c.inWorld(k))
	}
	return byName(items(keys))
}

// value is the text of a key by its name.
func (c *luaprotCast) value(name string) string {
	if value, known := c.keys.ids[name]; known {
		return value
	}
	return "no such key"
}

// luaprotKey is what is known of a key.
type luaprotKey struct {
	Name, Hub, Discord  string
	Note                string
	Created, Expires    moment
	Activated           bool
	HWID                string
	Resets, Runs        int64
	LastReset, LastRun  moment
	Blacklisted, Global bool
	Reason              string
	Scripts             []string // the only ones that it opens; none: all of its hub
}

// inWorld is a key as the mock has it.
func (c *luaprotCast) inWorld(k luaprotmock.Key) luaprotKey {
	return luaprotKey{
		Name: c.keys.of(k.Value), Hub: c.places.of(k.HubID), Discord: k.DiscordID, Note: k.Note,
		Created: momentOf(k.CreatedAt), Expires: momentOf(k.ExpiresAt), Activated: k.Activated, HWID: k.HWID,
		Resets: k.HWIDResets, Runs: k.Executions, LastReset: momentOf(k.LastHWIDResetAt), LastRun: momentOf(k.LastExecutionAt),
		Blacklisted: k.Blacklisted, Global: k.GloballyBlacklisted, Reason: k.BlacklistReason, Scripts: c.scripts(k.LimitedScripts),
	}
}

// inShop is a key as the client has it, which some answers show in part only.
func (c *luaprotCast) inShop(k *luaprot.Key) luaprotKey {
	seen := luaprotKey{
		Name: c.keys.of(k.Value), Hub: c.places.of(k.HubID), Discord: k.DiscordID, Note: k.Note,
		Created: momentOf(k.CreatedAt), Expires: momentOf(k.ExpiresAt),
		Resets: int64(k.HWIDResetCount), Runs: int64(k.ExecutionCount), LastReset: momentOf(k.LastHWIDResetAt), LastRun: momentOf(k.LastExecutionAt),
		Blacklisted: k.Blacklisted, Reason: k.BlacklistReason, Scripts: c.scripts(k.LimitedScripts),
	}
	seen.Activated, _ = k.Activated.Get()
	seen.HWID, _ = k.HWID.Get()
	return seen
}

func (c *luaprotCast) scripts(ids []string) (list []string) {
	for _, id := range ids {
		list = append(list, c.places.of(id))
	}
	return list
}

// short is a key without what only lists and infos show.
func (k luaprotKey) short() luaprotKey {
	k = k.shown()
	k.Activated, k.HWID = false, ""
	return k
}

// shown is a key without what no answer tells.
func (k luaprotKey) shown() luaprotKey {
	k.Global = false
	return k
}

// luaprotModel are the vendor's rules.
type luaprotModel struct {
	*story[*luaprotCast]
	keys []*luaprotKey // oldest first
	gone []*luaprotKey
	runs map[string]int64 // of scripts
}

// The rules of keys.

func (k *luaprotKey) expired(now moment) bool { return k.Expires.reached(now) }
func (k *luaprotKey) unassigned() bool        { return k.Discord == "" && k.HWID == "" }

func (k *luaprotKey) active(now moment) bool {
	return !k.Blacklisted && !k.expired(now) && !k.unassigned()
}

// unassigned counts the unassigned keys of a hub.
func (m *luaprotModel) unassigned(hub string) (n int) {
	for _, k := range m.keys {
		if k.Hub == hub && k.unassigned() {
			n++
		}
	}
	return n
}

// taken reports whether a Discord user has another key of a hub.
func (m *luaprotModel) taken(hub, discord, except string) bool {
	return discord != "" && slices.ContainsFunc(m.keys, func(k *luaprotKey) bool {
		return k.Hub == hub && k.Discord == discord && k.Name != except
	})
}

// verdict is what a check is told.
func (m *luaprotModel) verdict(k *luaprotKey, script, device string) code {
	switch {
	case script == "nowhere":
		return luaprotmock.CheckScriptNotFound
	case k == nil || !strings.HasPrefix(script, k.Hub+" "):
		return luaprotmock.CheckInvalid
	case k.Blacklisted:
		return luaprotmock.CheckBlacklisted
	case k.expired(m.now):
		return luaprotmock.CheckExpired
	case len(k.Scripts) > 0 && !slices.Contains(k.Scripts, script):
		return luaprotmock.CheckScriptNotAllowed
	case k.HWID != "" && k.HWID != device:
		return luaprotmock.CheckHWIDMismatch
	}
	return luaprotmock.CheckValid
}

func (m *luaprotModel) find(name string) *luaprotKey {
	for _, k := range m.keys {
		if k.Name == name {
			return k
		}
	}
	return nil
}

func (m *luaprotModel) drop(names ...string) {
	m.keys = slices.DeleteFunc(m.keys, func(k *luaprotKey) bool {
		if slices.Contains(names, k.Name) {
			m.gone = append(m.gone, k)
			return true
		}
		return false
	})
}

// selected are the keys for which a condition holds, in the order of lists: the
// newest first and, of one second, by their texts.
func (m *luaprotModel) selected(holds func(*luaprotKey) bool) []string {
	found := slices.DeleteFunc(slices.Clone(m.keys), func(k *luaprotKey) bool { return !holds(k) })
	slices.SortFunc(found, func(a, b *luaprotKey) int {
		if a.Created != b.Created {
			return int(b.Created/moment(time.Second) - a.Created/moment(time.Second))
		}
		return strings.Compare(m.cast.value(a.Name), m.cast.value(b.Name))
	})
	list := []string{}
	for _, k := range found {
		list = append(list, k.Name)
	}
	return list
}

func (m *luaprotModel) all() []string {
	return m.selected(func(*luaprotKey) bool { return true })
}

// What happens.

// luaprotRef is a reference as a story draws it.
type luaprotRef struct {
	Hub, Key string
	Discord  string // of that key, and how it is looked up; empty: by its text
}

func (r luaprotRef) on(c *luaprotCast) luaprot.KeyRef {
	if r.Discord != "" {
		return luaprot.ByDiscordID(r.Discord)
	}
	return luaprot.ByKey(c.value(r.Key))
}

// someRef draws a reference, mostly to a key that exists, in its hub. If there is
// none yet, it lets one be added.
func (m *luaprotModel) someRef() (ref luaprotRef, k *luaprotKey, want error) {
	s := m.story
	if len(m.keys) == 0 && often(s, "first add one") {
		m.add()
	}
	switch {
	case len(m.keys) > 0 && often(s, "alive"):
		k = pick(s, "key", m.keys...)
	case len(m.gone) > 0 && often(s, "gone"):
		k = pick(s, "key", m.gone...)
	default:
		k = &luaprotKey{Name: "nobody's key", Hub: "main", Discord: pick(s, "discord", "", luaprotUsers[0])}
	}
	ref = luaprotRef{Hub: k.Hub, Key: k.Name}
	if k.Discord != "" && pick(s, "by Discord user", false, true) {
		ref.Discord = k.Discord
	}
	if !often(s, "its own hub") {
		ref.Hub = pick(s, "hub", "main", "side", "nowhere")
	}
	found := m.lookUp(ref)
	switch {
	case ref.Hub == "nowhere":
		want = luaprot.ErrNoHub
	case found == nil:
		want = luaprot.ErrNotFound
	}
	return ref, found, want
}

// lookUp is the key that a reference leads to, or nil.
func (m *luaprotModel) lookUp(ref luaprotRef) *luaprotKey {
	for _, k := range m.keys {
		if k.Hub == ref.Hub && (ref.Discord != "" && k.Discord == ref.Discord || ref.Discord == "" && k.Name == ref.Key) {
			return k
		}
	}
	return nil
}

var luaprotUsers = []string{"10000000000000001", "1000000000000000002", "10000000000000000003"}

// newKey draws a key and tells how the call fails that is to make it.
func (m *luaprotModel) newKey() (k luaprotKey, expiresIn time.Duration, want error) {
	s := m.story
	created := s.now.down(time.Second)
	k = luaprotKey{
		Name: m.name("key"), Hub: pick(s, "hub", "main", "side"), Note: pick(s, "note", "", "gift"),
		Created: created, Expires: never, LastReset: never, LastRun: never,
	}
	expiresIn = pick(s, "expires in", 0, time.Hour, time.Hour+time.Second, 30*24*time.Hour)
	if k.Scripts = nil; pick(s, "limited", false, false, true) {
		k.Scripts = several(s, "script", 2, k.Hub+" loader", k.Hub+" extra")
	}
	if !often(s, "right") {
		switch pick(s, "wrong", "hub", "expires in", "scripts") {
		case "hub":
			k.Hub, want = "nowhere", luaprot.ErrNoHub
		case "expires in":
			expiresIn, want = time.Hour-time.Second, luaprot.ErrInvalid
		case "scripts":
			other := map[string]string{"main": "side loader", "side": "main loader"}[k.Hub]
			k.Scripts, want = append(k.Scripts, pick(s, "script", other, "nowhere")), luaprot.ErrInvalid
		}
	}
	if expiresIn > 0 {
		k.Expires = created.plus(expiresIn)
	}
	return k, expiresIn, want
}

// ids are the ids of scripts.
func (c *luaprotCast) ids(scripts []string) (list []string) {
	for _, name := range scripts {
		list = append(list, c.places.ids[name])
	}
	return list
}

func (m *luaprotModel) add() {
	k, expiresIn, want := m.newKey()
	k.Discord = pick(m.story, "discord", append([]string{""}, luaprotUsers...)...)
	switch {
	case want != nil: // that comes first
	case m.taken(k.Hub, k.Discord, ""):
		want = luaprot.ErrAlreadyWhitelisted
	case k.Discord == "" && m.unassigned(k.Hub) >= 300:
		want = luaprot.ErrUnassignedLimit
	}
	done := m.act(want, func(c *luaprotCast) error {
		made, err := c.hub(k.Hub).Add(m.Context(), luaprot.AddKeyParams{DiscordID: k.Discord, ExpiresIn: expiresIn, Note: k.Note, LimitedScripts: c.ids(k.Scripts)})
		if err == nil {
			c.keys.give(k.Name, made.Value)
			agreeOn(m.story, "the new key as it was answered", k, c.inShop(made))
		}
		return err
	}, "add %s", brief(k))
	if done {
		added := k // the deed keeps k as it was
		m.keys = append(m.keys, &added)
	}
}

func (m *luaprotModel) generate() {
	k, expiresIn, want := m.newKey()
	room := 300 - m.unassigned(k.Hub)
	amount := pick(m.story, "amount", 5, 5, 5, 5, 6, 6, 6, 6, 4, 301, min(max(room, 5), 300), min(max(room+1, 5), 300))
	switch {
	case amount < 5 || amount > 300:
		want = luaprot.ErrInvalid
	case want == nil && amount > room:
		want = luaprot.ErrUnassignedLimit
	}
	var names []string
	for range amount {
		names = append(names, m.name("key"))
	}
	done := m.act(want, func(c *luaprotCast) error {
		values, err := c.hub(k.Hub).Generate(m.Context(), luaprot.GenerateKeysParams{Amount: amount, ExpiresIn: expiresIn, Note: k.Note, LimitedScripts: c.ids(k.Scripts)})
		if err != nil {
			return err
		}
		agreeOn(m.story, "number of the new keys", amount, len(values))
		for i, value := range values {
			c.keys.give(names[i], value)
		}
		return nil
	}, "generate %d of %s", amount, brief(k))
	if !done {
		return
	}
	for _, name := range names {
		one := k
		one.Name = name
		m.keys = append(m.keys, &one)
	}
}

func (m *luaprotModel) update() {
	ref, k, want := m.someRef()
	after := luaprotKey{Hub: ref.Hub, Expires: never}
	if k != nil {
		after = *k
	}
	var p luaprot.UpdateKeyParams
	var scripts []string
	what := []string{}
	for _, field := range several(m.story, "field", 3, "discord", "note", "expires", "blacklisted", "reason", "scripts") {
		what = append(what, field+" "+m.change(field, &after, &p, &scripts))
	}
	if !after.Blacklisted {
		after.Reason = ""
	}
	lifted, sets := p.Blacklisted.Get()
	foreign := slices.ContainsFunc(scripts, func(script string) bool { return !strings.HasPrefix(script, ref.Hub+" ") })
	expiresIn, _ := p.ExpiresIn.Get()
	switch {
	case expiresIn > 0 && expiresIn < time.Hour:
		want = luaprot.ErrInvalid // nothing is sent
	case ref.Hub == "nowhere": // that is known already
	case foreign:
		want = luaprot.ErrInvalid
	case k == nil: // likewise
	case k.Global && sets && !lifted && m.taken(ref.Hub, after.Discord, k.Name):
		return // which of two refusals comes first is not known
	case k.Global && sets && !lifted:
		want = luaprot.ErrGloballyBlacklisted
	case m.taken(ref.Hub, after.Discord, k.Name):
		want = luaprot.ErrAlreadyWhitelisted
	}
	done := m.act(want, func(c *luaprotCast) error {
		p := p
		if !p.LimitedScripts.IsZero() {
			p.LimitedScripts = luaprot.Set(c.ids(scripts))
		}
		changed, err := c.hub(ref.Hub).Update(m.Context(), ref.on(c), p)
		if err == nil {
			agreeOn(m.story, "the key as it was answered", after.short(), c.inShop(changed))
		}
		return err
	}, "update %s: %s", brief(ref), strings.Join(what, ", "))
	if done {
		*k = after
	}
}

// change draws a new value of a field, sets it and tells it.
func (m *luaprotModel) change(field string, k *luaprotKey, p *luaprot.UpdateKeyParams, scripts *[]string) string {
	s := m.story
	text := func(of *string, param *luaprot.Opt[string], values ...string) string {
		*of = pick(s, field, values...)
		if *param = luaprot.Set(*of); *of == "" {
			*param = luaprot.Null[string]()
		}
		return param.String()
	}
	switch field {
	case "discord":
		return text(&k.Discord, &p.DiscordID, append([]string{""}, luaprotUsers...)...)
	case "note":
		return text(&k.Note, &p.Note, "gift", "prize", "")
	case "reason":
		return text(&k.Reason, &p.BlacklistReason, "shared", "stolen", "")
	case "blacklisted":
		k.Blacklisted = pick(s, field, true, false)
		p.Blacklisted = luaprot.Set(k.Blacklisted)
		if !k.Blacklisted {
			k.Reason = ""
		}
		return p.Blacklisted.String()
	case "scripts":
		*scripts = several(s, "script", 2, k.Hub+" loader", k.Hub+" extra")
		if !often(s, "its own") {
			*scripts = append(*scripts, pick(s, "script", "nowhere", "main loader", "side loader"))
		}
		k.Scripts = *scripts
		p.LimitedScripts = luaprot.Set([]string{}) // the deed fills it in
		return fmt.Sprintf("%q", *scripts)
	}
	in := pick(s, field, time.Hour, 2*time.Hour, 0, 2*time.Hour, time.Hour, time.Hour-time.Second)
	if p.ExpiresIn = luaprot.Set(in); in == 0 {
		p.ExpiresIn = luaprot.Null[time.Duration]()
	}
	if k.Expires = never; in > 0 {
		k.Expires = m.now.down(time.Second).plus(in)
	}
	return p.ExpiresIn.String()
}

func (m *luaprotModel) delete() {
	ref, k, want := m.someRef()
	if m.act(want, func(c *luaprotCast) error { return c.hub(ref.Hub).Delete(m.Context(), ref.on(c)) }, "delete %s", brief(ref)) {
		m.drop(k.Name)
	}
}

func (m *luaprotModel) bulkDelete() {
	var list []string
	for range pick(m.story, "how many", 1, 2, 3, 1, 2, 3, 0) {
		ref, _, _ := m.someRef()
		list = append(list, ref.Key)
	}
	var want error
	if len(list) == 0 {
		want = luaprot.ErrInvalid
	}
	done := m.act(want, func(c *luaprotCast) error {
		var values []string
		for _, name := range list {
			values = append(values, c.value(name))
		}
		return c.client.Keys.BulkDelete(m.Context(), values)
	}, "delete %q", list)
	if done {
		m.drop(list...)
	}
}

func (m *luaprotModel) reset() {
	ref, k, want := m.someRef()
	var name string
	if k != nil {
		name = k.Name
	}
	done := m.act(want, func(c *luaprotCast) error {
		reset, err := c.hub(ref.Hub).ResetHWID(m.Context(), ref.on(c))
		if err == nil {
			agree(m.story, "the keys that were reset", []string{c.value(name)}, reset)
		}
		return err
	}, "reset %s", brief(ref))
	if done {
		k.HWID, k.Resets, k.LastReset = "", k.Resets+1, m.now.down(time.Second)
	}
}

// checkIn is an end user's script that asks whether a key lets it in.
func (m *luaprotModel) checkIn() {
	ref, _, _ := m.someRef()
	k := m.find(ref.Key)
	script := pick(m.story, "script", "main loader", "main extra", "side loader", "side extra")
	if k != nil && often(m.story, "its own hub's") {
		script = pick(m.story, "script", k.Hub+" loader", k.Hub+" extra")
	} else if !often(m.story, "known") {
		script = "nowhere"
	}
	if k != nil {
		m.sometimesWait(time.Second, k.Expires)
	}
	device := pick(m.story, "device", "PC-1", "laptop")
	good := m.verdict(k, script, device)
	var want error = good
	var data luaprotmock.CheckData
	if good == luaprotmock.CheckValid {
		want = nil
		data = luaprotmock.CheckData{KeyExecutions: k.Runs + 1, ScriptExecutions: m.runs[script] + 1, Note: k.Note, Expire: -1, Premium: true, DiscordID: k.Discord}
		if k.Expires != never {
			data.Expire = int64((k.Expires - m.now.down(time.Second)) / moment(time.Second))
		}
	}
	done := m.act(want, func(c *luaprotCast) error {
		result := c.world.Check(c.places.ids[script], c.value(ref.Key), device)
		if result.Data == nil {
			return code(result.Status)
		}
		agreeOn(m.story, "what the script learns", data, *result.Data)
		return nil
	}, "%s is checked by %s on %s", ref.Key, script, device)
	if done {
		m.runs[script]++
		k.HWID, k.Activated, k.Runs, k.LastRun = device, true, k.Runs+1, m.now.down(time.Second)
	}
}

func (m *luaprotModel) blacklistGlobally() {
	if len(m.keys) == 0 {
		return
	}
	k := pick(m.story, "key", m.keys...)
	name := k.Name
	m.direct(func(c *luaprotCast) error { c.world.BlacklistGlobally(c.value(name), "fraud"); return nil }, "the vendor blacklists %s", name)
	k.Blacklisted, k.Global, k.Reason = true, true, "fraud"
}

func (m *luaprotModel) liftGlobally() {
	if len(m.keys) == 0 {
		return
	}
	k := pick(m.story, "key", m.keys...)
	name := k.Name
	m.direct(func(c *luaprotCast) error { c.world.LiftGlobalBlacklist(c.value(name)); return nil }, "the vendor lifts its blacklist of %s", name)
	if k.Global {
		k.Blacklisted, k.Global, k.Reason = false, false, ""
	}
}

func (m *luaprotModel) remove() {
	ref, _, _ := m.someRef()
	var want error
	if m.find(ref.Key) == nil {
		want = code("not removed")
	}
	done := m.act(want, func(c *luaprotCast) error {
		if !c.world.RemoveKey(c.value(ref.Key)) {
			return code("not removed")
		}
		return nil
	}, "%s is removed in the dashboard", ref.Key)
	if done {
		m.drop(ref.Key)
	}
}

func (m *luaprotModel) wait() {
	var deadlines []moment
	for _, k := range m.keys {
		deadlines = append(deadlines, k.Expires)
	}
	m.story.wait(time.Second, slices.Compact(deadlines))
}

// What is seen.

// check compares everything that is known with everything that is seen.
func (m *luaprotModel) check() {
	var keys []luaprotKey
	for _, k := range m.keys {
		keys = append(keys, *k)
	}
	agree(m.story, "the keys in the world", byName(items(keys)), m.cast.state())
	var inWorld []string
	for _, k := range m.cast.world.Keys() {
		inWorld = append(inWorld, m.cast.keys.of(k.Value))
	}
	slices.Reverse(inWorld)
	agree(m.story, "the keys in the world, turned round", m.all(), inWorld)
	m.unseen(func(c *luaprotCast) {
		agree(m.story, "the keys in a list", m.all(), m.walk(luaprot.ListKeysParams{}))
		for _, k := range last(m.gone) {
			_, err := c.hub(k.Hub).Get(m.Context(), luaprot.ByKey(c.value(k.Name)))
			m.expect(luaprot.ErrNotFound, err)
		}
	})
	m.quiet()
}

// walk has the names of all keys that are selected, after a look at what the list
// tells of them.
func (m *luaprotModel) walk(p luaprot.ListKeysParams) []string {
	list := []string{}
	for k, err := range m.cast.client.Keys.All(m.Context(), p) {
		m.expect(nil, err)
		seen := m.cast.inShop(k)
		hub, _ := k.HubName.Get()
		agreeOn(m.story, "the hub's name", seen.Hub, hub)
		if known := m.find(seen.Name); known != nil {
			agreeOn(m.story, "a key in a list", known.shown(), seen)
		}
		list = append(list, seen.Name)
	}
	return list
}

func (m *luaprotModel) lookAtPages() {
	page := pick(m.story, "page", 1, 2, 3)
	all := m.all()
	m.look(func(c *luaprotCast) {
		got, err := c.client.Keys.List(m.Context(), luaprot.ListKeysParams{Page: page})
		m.expect(nil, err)
		from := min((page-1)*25, len(all))
		var list []string
		for _, k := range got.Keys {
			list = append(list, c.keys.of(k.Value))
		}
		agree(m.story, "the page", all[from:min(from+25, len(all))], list)
		agree(m.story, "limit, total and pages", []int{25, len(all), (len(all) + 24) / 25}, []int{got.Limit, got.Total, got.TotalPages})
	}, "look at page %d", page)
}

func (m *luaprotModel) lookAtFilter() {
	s := m.story
	var p luaprot.ListKeysParams
	conditions := []func(*luaprotKey) bool{}
	for _, by := range several(s, "by", 2, "hub", "discord", "text", "device", "blacklisted", "expired", "unassigned", "active") {
		conditions = append(conditions, m.condition(by, &p))
	}
	want := m.selected(func(k *luaprotKey) bool {
		return !slices.ContainsFunc(conditions, func(holds func(*luaprotKey) bool) bool { return !holds(k) })
	})
	m.look(func(*luaprotCast) { agree(m.story, "the keys selected", want, m.walk(p)) }, "look for %s", brief(p))
}

// condition draws a condition of a kind.
func (m *luaprotModel) condition(by string, p *luaprot.ListKeysParams) func(*luaprotKey) bool {
	s := m.story
	flag := func(param *luaprot.Opt[bool], holds func(*luaprotKey) bool) func(*luaprotKey) bool {
		wanted := pick(s, by, true, false)
		*param = luaprot.Set(wanted)
		return func(k *luaprotKey) bool { return holds(k) == wanted }
	}
	switch by {
	case "hub":
		hub := pick(s, by, "main", "side", "main", "side", "nowhere")
		p.HubID = m.cast.places.ids[hub]
		return func(k *luaprotKey) bool { return k.Hub == hub }
	case "discord":
		p.DiscordID = pick(s, by, luaprotUsers...)
		return func(k *luaprotKey) bool { return k.Discord == p.DiscordID }
	case "text":
		ref, _, _ := m.someRef()
		p.Value = m.cast.value(ref.Key)
		return func(k *luaprotKey) bool { return k.Name == ref.Key }
	case "device":
		p.HWID = pick(s, by, "PC-1", "laptop", "PC-1", "laptop", "lap")
		return func(k *luaprotKey) bool { return k.HWID == p.HWID }
	case "blacklisted":
		return flag(&p.Blacklisted, func(k *luaprotKey) bool { return k.Blacklisted })
	case "expired":
		return flag(&p.Expired, func(k *luaprotKey) bool { return k.expired(m.now) })
	case "unassigned":
		return flag(&p.Unassigned, func(k *luaprotKey) bool { return k.unassigned() })
	}
	return flag(&p.Active, func(k *luaprotKey) bool { return k.active(m.now) })
}

// lookAtShares looks whether filters that exclude each other share out all keys.
func (m *luaprotModel) lookAtShares() {
	yes, no := luaprot.Set(true), luaprot.Set(false)
	shares := map[string][]luaprot.ListKeysParams{
		"blacklisted or not": {{Blacklisted: yes}, {Blacklisted: no}},
		"expired or not":     {{Expired: yes}, {Expired: no}},
		"unassigned or not":  {{Unassigned: yes}, {Unassigned: no}},
		"active or not":      {{Active: yes}, {Active: no}},
		"of all hubs":        {{HubID: m.cast.places.ids["main"]}, {HubID: m.cast.places.ids["side"]}},
		"of all states": {
			{Blacklisted: yes}, {Blacklisted: no, Expired: yes}, {Blacklisted: no, Expired: no, Unassigned: yes}, {Active: yes},
		},
	}
	m.look(func(*luaprotCast) {
		for _, what := range sorted(shares) {
			var found []string
			for _, p := range shares[what] {
				found = append(found, m.walk(p)...)
			}
			agree(m.story, "the keys that are "+what, sortedList(m.all()), sortedList(found))
		}
	}, "look how flags and hubs share out the keys")
}

func (m *luaprotModel) lookAtOne() {
	ref, k, want := m.someRef()
	m.look(func(c *luaprotCast) {
		got, err := c.hub(ref.Hub).Get(m.Context(), ref.on(c))
		m.expect(want, err)
		if k != nil {
			agreeOn(m.story, "the key", k.shown(), c.inShop(got))
			agreeOn(m.story, "whether the key is usable", !k.Blacklisted && !k.expired(m.now), got.Usable(m.now.time()))
		}
	}, "look at %s", brief(ref))
}

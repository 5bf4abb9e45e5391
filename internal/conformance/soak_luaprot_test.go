package conformance

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/keysmith-go/keysmith/luaprot"
	"github.com/keysmith-go/keysmith/mockserver/luaprotmock"
)

// soakLuaProt is what a caller has at LuaProt: keys of a hub of its own.
type soakLuaProt struct {
	*soakCaller
	client *luaprot.Client
	hub    *luaprot.Hub
	world  *luaprotmock.World
	stock  soakShelf[soakLuaProtKey]
}

// soakLuaProtKey is a key as its owner knows it.
type soakLuaProtKey struct {
	value   string
	note    string
	discord string // "": nobody's
	expires time.Time
	barred  bool
	resets  int
}

func (k *soakLuaProtKey) id() string          { return k.value }
func (k *soakLuaProtKey) ref() luaprot.KeyRef { return luaprot.ByKey(k.value) }

func newSoakLuaProt(c *soakCaller) *soakLuaProt {
	return &soakLuaProt{soakCaller: c, client: c.client.luaprot, world: c.rig.LuaProt}
}

func (l *soakLuaProt) settleIn() {
	l.stock = soakShelf[soakLuaProtKey]{}
	l.hub = l.client.Hub(l.world.AddHub(l.name("hub")).ID)
}

func (l *soakLuaProt) acts() []func() *soakDeed {
	return []func() *soakDeed{
		l.add, l.add, l.add, l.addTwice, l.generate, l.relabel, l.prolong, l.bar, l.giveAway, l.reset, l.reset,
		l.delete, l.deleteAbsent, l.deleteMany, l.get, l.list, l.walk,
	}
}

func (l *soakLuaProt) owned() []string {
	return soakEach(l.stock.items, func(k *soakLuaProtKey) string {
		return fmt.Sprint("key of LuaProt ", k.value, k.note, k.discord, k.barred, k.resets)
	})
}

func (l *soakLuaProt) room() bool { return len(l.stock.items) < soakCrowded }

// add creates a key for a Discord user or for nobody.
func (l *soakLuaProt) add() *soakDeed {
	if !l.room() {
		return l.deleteMany()
	}
	key := &soakLuaProtKey{note: l.name("note")}
	if l.dice.IntN(2) == 0 {
		key.discord = l.user()
	}
	return &soakDeed{
		op: luaprotmock.OpAddKey, once: true, effects: map[string]int{luaprotmock.EffectKeyCreated: 1},
		about: func() []string { return []string{key.value} },
		do: func(ctx context.Context) error {
			made, err := l.hub.Add(ctx, luaprot.AddKeyParams{DiscordID: key.discord, Note: key.note, ExpiresIn: 1000 * time.Hour})
			if err == nil {
				l.learn(ctx, key, made)
			}
			return err
		},
		find: func(ctx context.Context) (bool, error) {
			if key.discord == "" {
				return l.unassigned(ctx, []*soakLuaProtKey{key})
			}
			made, err := l.hub.Get(ctx, luaprot.ByDiscordID(key.discord))
			switch {
			case errors.Is(err, luaprot.ErrNotFound):
				return false, nil
			case err == nil:
				l.learn(ctx, key, made)
			}
			return true, err
		},
		done: func() { l.stock.put(key) },
	}
}

// addTwice asks for a second key for somebody who has one.
func (l *soakLuaProt) addTwice() *soakDeed {
	has := l.stock.one(l.dice, func(k *soakLuaProtKey) bool { return k.discord != "" })
	if has == nil {
		return nil
	}
	return &soakDeed{
		op: luaprotmock.OpAddKey, once: true, effects: map[string]int{luaprotmock.EffectKeyCreated: 1}, refused: true,
		do: func(ctx context.Context) error {
			_, err := l.hub.Add(ctx, luaprot.AddKeyParams{DiscordID: has.discord, Note: l.name("twice")})
			return err
		},
		find: func(ctx context.Context) (bool, error) {
			there, err := l.hub.Get(ctx, luaprot.ByDiscordID(has.discord))
			return err == nil && there.Value != has.value, err
		},
	}
}

func (l *soakLuaProt) generate() *soakDeed {
	if !l.room() {
		return l.deleteMany()
	}
	keys := make([]*soakLuaProtKey, 5)
	note := l.name("batch")
	for i := range keys {
		keys[i] = &soakLuaProtKey{note: note}
	}
	return &soakDeed{
		op: luaprotmock.OpGenerateKeys, once: true, effects: map[string]int{luaprotmock.EffectKeyCreated: len(keys)},
		about: func() []string { return soakEach(keys, (*soakLuaProtKey).id) },
		do: func(ctx context.Context) error {
			values, err := l.hub.Generate(ctx, luaprot.GenerateKeysParams{Amount: len(keys), Note: note})
			if err != nil {
				return err
			}
			l.expect(ctx, len(values) == len(keys), "%d keys instead of %d", len(values), len(keys))
			for i, value := range values[:min(len(values), len(keys))] {
				keys[i].value = value
			}
			return nil
		},
		find: func(ctx context.Context) (bool, error) { return l.unassigned(ctx, keys) },
		done: func() { l.stock.put(keys...) },
	}
}

// unassigned looks for nobody's keys by the note they were created with.
func (l *soakLuaProt) unassigned(ctx context.Context, keys []*soakLuaProtKey) (bool, error) {
	found := 0
	for key, err := range l.client.Keys.All(ctx, luaprot.ListKeysParams{HubID: l.hub.ID(), Unassigned: luaprot.Set(true)}) {
		if err != nil {
			return false, err
		}
		if key.Note == keys[0].note {
			l.learn(ctx, keys[min(found, len(keys)-1)], key)
			found++
		}
	}
	return l.count(ctx, found, len(keys)), nil
}

// learn writes down what the vendor tells of a key.
func (l *soakLuaProt) learn(ctx context.Context, key *soakLuaProtKey, told *luaprot.Key) {
	l.expect(ctx, told.Note == key.note && told.DiscordID == key.discord && told.HubID == l.hub.ID() && told.Blacklisted == key.barred && told.Value != "",
		"another key: %+v", told)
	key.value, key.expires = told.Value, told.ExpiresAt
}

// change is a change of a key that looking at it shows.
func (l *soakLuaProt) change(once bool, find, ref luaprot.KeyRef, params luaprot.UpdateKeyParams, key *soakLuaProtKey, changed soakLuaProtKey, shows func(*luaprot.Key) bool) *soakDeed {
	return &soakDeed{
		op: luaprotmock.OpUpdateKey, once: once, effects: map[string]int{luaprotmock.EffectKeyUpdated: 1},
		about: func() []string { return []string{key.value} },
		do: func(ctx context.Context) error {
			told, err := l.hub.Update(ctx, ref, params)
			if err == nil {
				l.expect(ctx, shows(told), "not changed: %+v", told)
				l.learn(ctx, &changed, told)
			}
			return err
		},
		find: func(ctx context.Context) (bool, error) {
			told, err := l.hub.Get(ctx, find)
			if errors.Is(err, luaprot.ErrNotFound) && find != key.ref() {
				return false, nil
			}
			if err != nil || !shows(told) {
				return false, err
			}
			l.learn(ctx, &changed, told)
			return true, nil
		},
		again: !once,
		done:  func() { *key = changed },
	}
}

func (l *soakLuaProt) relabel() *soakDeed {
	key := l.stock.one(l.dice, nil)
	if key == nil {
		return nil
	}
	changed := *key
	changed.note = l.name("relabelled")
	return l.change(false, key.ref(), key.ref(), luaprot.UpdateKeyParams{Note: luaprot.Set(changed.note)}, key, changed,
		func(k *luaprot.Key) bool { return k.Note == changed.note })
}

// prolong counts from the moment of delivery, so that the expiry tells.
func (l *soakLuaProt) prolong() *soakDeed {
	key := l.stock.one(l.dice, func(k *soakLuaProtKey) bool { return !k.expires.IsZero() })
	if key == nil {
		return nil
	}
	l.named++
	noted := key.expires
	return l.change(true, key.ref(), key.ref(), luaprot.UpdateKeyParams{ExpiresIn: luaprot.Set(2000*time.Hour + time.Duration(l.named)*time.Second)}, key, *key,
		func(k *luaprot.Key) bool { return !k.ExpiresAt.Equal(noted) })
}

func (l *soakLuaProt) bar() *soakDeed {
	key := l.stock.one(l.dice, nil)
	if key == nil {
		return nil
	}
	changed := *key
	changed.barred = !key.barred
	return l.change(false, key.ref(), key.ref(), luaprot.UpdateKeyParams{Blacklisted: luaprot.Set(changed.barred)}, key, changed,
		func(k *luaprot.Key) bool { return k.Blacklisted == changed.barred })
}

// giveAway changes what the key is looked up by: then the new user tells.
func (l *soakLuaProt) giveAway() *soakDeed {
	key := l.stock.one(l.dice, func(k *soakLuaProtKey) bool { return k.discord != "" })
	if key == nil {
		return nil
	}
	changed := *key
	changed.discord = l.user()
	return l.change(true, luaprot.ByDiscordID(changed.discord), luaprot.ByDiscordID(key.discord), luaprot.UpdateKeyParams{DiscordID: luaprot.Set(changed.discord)}, key, changed,
		func(k *luaprot.Key) bool { return k.DiscordID == changed.discord })
}

func (l *soakLuaProt) reset() *soakDeed {
	key := l.stock.one(l.dice, nil)
	if key == nil {
		return nil
	}
	return &soakDeed{
		op: luaprotmock.OpResetHWID, once: true, effects: map[string]int{luaprotmock.EffectKeyHWIDReset: 1},
		about: func() []string { return []string{key.value} },
		do: func(ctx context.Context) error {
			_, err := l.hub.ResetHWID(ctx, key.ref())
			return err
		},
		find: func(ctx context.Context) (bool, error) {
			told, err := l.hub.Get(ctx, key.ref())
			return err == nil && told.HWIDResetCount > key.resets, err
		},
		done: func() { key.resets++ },
	}
}

func (l *soakLuaProt) delete() *soakDeed {
	key := l.stock.one(l.dice, nil)
	if key == nil {
		return nil
	}
	return &soakDeed{
		op: luaprotmock.OpDeleteKey, effects: map[string]int{luaprotmock.EffectKeyDeleted: 1},
		about: func() []string { return []string{key.value} },
		do:    func(ctx context.Context) error { return l.hub.Delete(ctx, key.ref()) },
		find: func(ctx context.Context) (bool, error) {
			_, err := l.hub.Get(ctx, key.ref())
			if errors.Is(err, luaprot.ErrNotFound) {
				return true, nil
			}
			return false, err
		},
		again: true, gone: true,
		done: func() { l.stock.take(key) },
	}
}

func (l *soakLuaProt) deleteAbsent() *soakDeed {
	nothing := luaprot.ByKey("no such key")
	return l.deleteNothing(luaprotmock.OpDeleteKey, func(ctx context.Context) error { return l.hub.Delete(ctx, nothing) }, func(ctx context.Context) error {
		_, err := l.hub.Get(ctx, nothing)
		return err
	})
}

func (l *soakLuaProt) deleteMany() *soakDeed {
	keys := l.stock.some(l.dice, 2+l.dice.IntN(5), nil)
	if keys == nil {
		return nil
	}
	values := soakEach(keys, (*soakLuaProtKey).id)
	return &soakDeed{
		op: luaprotmock.OpDeleteKeys, effects: map[string]int{luaprotmock.EffectKeyDeleted: len(keys)},
		about: func() []string { return values },
		do:    func(ctx context.Context) error { return l.client.Keys.BulkDelete(ctx, values) },
		find: func(ctx context.Context) (bool, error) {
			missing := 0
			for _, value := range values {
				page, err := l.client.Keys.List(ctx, luaprot.ListKeysParams{HubID: l.hub.ID(), Value: value})
				if err != nil {
					return false, err
				}
				missing += one(len(page.Keys) == 0)
			}
			return l.count(ctx, missing, len(values)), nil
		},
		again: true,
		done:  func() { l.stock.take(keys...) },
	}
}

func (l *soakLuaProt) get() *soakDeed {
	key := l.stock.one(l.dice, nil)
	if key == nil {
		return nil
	}
	return &soakDeed{op: luaprotmock.OpGetKeyInfo, do: func(ctx context.Context) error {
		told, err := l.hub.Get(ctx, key.ref())
		if err == nil {
			l.expect(ctx, told.Value == key.value && told.HWIDResetCount == key.resets && (key.expires.IsZero() || told.ExpiresAt.Equal(key.expires)), "another key: %+v", told)
			l.learn(ctx, key, told)
		}
		return err
	}}
}

func (l *soakLuaProt) list() *soakDeed {
	return &soakDeed{op: luaprotmock.OpFetchKeys, do: func(ctx context.Context) error {
		page, err := l.client.Keys.List(ctx, luaprot.ListKeysParams{HubID: l.hub.ID()})
		if err == nil {
			l.expect(ctx, page.Total == len(l.stock.items), "%d keys instead of %d", page.Total, len(l.stock.items))
		}
		return err
	}}
}

func (l *soakLuaProt) walk() *soakDeed {
	return &soakDeed{op: luaprotmock.OpFetchKeys, do: func(ctx context.Context) error {
		var seen []string
		for key, err := range l.client.Keys.All(ctx, luaprot.ListKeysParams{HubID: l.hub.ID()}) {
			if err != nil {
				return err
			}
			seen = append(seen, key.Note+" "+key.Value+" "+key.DiscordID)
		}
		l.same(ctx, seen, soakEach(l.stock.items, func(k *soakLuaProtKey) string { return k.note + " " + k.value + " " + k.discord }))
		return nil
	}}
}

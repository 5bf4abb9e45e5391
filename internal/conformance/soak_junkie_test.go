package conformance

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/keysmith-go/keysmith/junkie"
	"github.com/keysmith-go/keysmith/mockserver/junkiemock"
)

// soakJunkie is what a caller has at Junkie: keys of a provider of its own.
type soakJunkie struct {
	*soakCaller
	keys  *junkie.KeysService
	world *junkiemock.World
	shop  int64
	stock soakShelf[soakJunkieKey]
}

// soakJunkieKey is a key as its owner knows it.
type soakJunkieKey struct {
	id      int64
	value   string
	name    string
	discord string
	devices []string
}

func (k *soakJunkieKey) ledgerID() string { return strconv.FormatInt(k.id, 10) }

// ref refers to the key in one way or the other.
func (k *soakJunkieKey) ref() junkie.KeyRef {
	if k.id%2 == 0 {
		return junkie.Value(k.value)
	}
	return junkie.ID(k.id)
}

func newSoakJunkie(c *soakCaller) *soakJunkie {
	return &soakJunkie{soakCaller: c, keys: c.client.junkie.Keys, world: c.rig.Junkie}
}

func (j *soakJunkie) settleIn() {
	j.stock = soakShelf[soakJunkieKey]{}
	j.shop = j.world.AddProvider(j.name("shop")).ID
	j.world.AddFolder("vip")
}

func (j *soakJunkie) acts() []func() *soakDeed {
	return []func() *soakDeed{
		j.create, j.create, j.createBatch, j.createBatch, j.createNowhere, j.update, j.update, j.update, j.reset, j.reset,
		j.delete, j.deleteAbsent, j.deleteMany, j.get, j.list, j.walk, j.folders,
	}
}

func (j *soakJunkie) owned() []string {
	return soakEach(j.stock.items, func(k *soakJunkieKey) string {
		return fmt.Sprint("key of Junkie ", k.value, k.name, k.discord, k.devices)
	})
}

// devices are up to two new ones.
func (j *soakJunkie) devices() []string {
	devices := make([]string, j.dice.IntN(3))
	for i := range devices {
		devices[i] = j.name("device")
	}
	return devices
}

// room reports whether there is room for more.
func (j *soakJunkie) room() bool { return len(j.stock.items) < soakCrowded }

func (j *soakJunkie) create() *soakDeed {
	if !j.room() {
		return j.deleteMany()
	}
	key := &soakJunkieKey{name: j.name("key"), devices: j.devices()}
	params := junkie.CreateKeyParams{ProviderID: j.shop, Name: key.name, Validity: 30 * 24 * time.Hour, HWIDs: key.devices}
	return &soakDeed{
		op: junkiemock.OpCreateKey, once: true, effects: map[string]int{junkiemock.EffectKeyCreated: 1},
		about: func() []string { return []string{key.ledgerID()} },
		do: func(ctx context.Context) error {
			made, err := j.keys.Create(ctx, params)
			if err == nil {
				j.learn(ctx, key, made)
			}
			return err
		},
		find: func(ctx context.Context) (bool, error) { return j.find(ctx, []*soakJunkieKey{key}) },
		done: func() { j.stock.put(key) },
	}
}

func (j *soakJunkie) createBatch() *soakDeed {
	if !j.room() {
		return j.deleteMany()
	}
	name := j.name("batch")
	keys := make([]*soakJunkieKey, 2+j.dice.IntN(4))
	for i := range keys {
		keys[i] = &soakJunkieKey{name: name}
	}
	return &soakDeed{
		op: junkiemock.OpCreateKeys, once: true, effects: map[string]int{junkiemock.EffectKeyCreated: len(keys)},
		about: func() []string { return soakEach(keys, (*soakJunkieKey).ledgerID) },
		do: func(ctx context.Context) error {
			batch, err := j.keys.CreateBatch(ctx, junkie.CreateBatchParams{ProviderID: j.shop, Name: name, Amount: len(keys)})
			if err != nil {
				return err
			}
			j.expect(ctx, len(batch.Values) == len(keys), "%d keys instead of %d", len(batch.Values), len(keys))
			for i, value := range batch.Values[:min(len(batch.Values), len(keys))] {
				stored, exists := j.world.KeyByValue(value)
				j.expect(ctx, exists && stored.Name == name, "a key that is not there")
				keys[i].id, keys[i].value = stored.ID, value
			}
			return nil
		},
		find: func(ctx context.Context) (bool, error) { return j.find(ctx, keys) },
		done: func() { j.stock.put(keys...) },
	}
}

// createNowhere asks for a key of a provider that does not exist.
func (j *soakJunkie) createNowhere() *soakDeed {
	name := j.name("nowhere")
	return &soakDeed{
		op: junkiemock.OpCreateKey, once: true, effects: map[string]int{junkiemock.EffectKeyCreated: 1}, refused: true,
		do: func(ctx context.Context) error {
			_, err := j.keys.Create(ctx, junkie.CreateKeyParams{ProviderID: 1, Name: name})
			return err
		},
		find: func(ctx context.Context) (bool, error) {
			page, err := j.keys.List(ctx, junkie.ListKeysParams{ProviderID: 1})
			return err == nil && len(page.Keys) > 0, err
		},
	}
}

// find looks for keys that were created with one name, newest first.
func (j *soakJunkie) find(ctx context.Context, keys []*soakJunkieKey) (bool, error) {
	page, err := j.keys.List(ctx, junkie.ListKeysParams{ProviderID: j.shop, Limit: 100})
	if err != nil {
		return false, err
	}
	found := 0
	for _, key := range page.Keys {
		if key.Name == keys[0].name {
			j.learn(ctx, keys[min(found, len(keys)-1)], key)
			found++
		}
	}
	return j.count(ctx, found, len(keys)), nil
}

// devicesOf are the devices of a key as it is told.
func devicesOf(told *junkie.Key) (devices []string) {
	for _, h := range told.HWIDs {
		devices = append(devices, h.Value)
	}
	return devices
}

// learn writes down what a key is called by the vendor.
func (j *soakJunkie) learn(ctx context.Context, key *soakJunkieKey, told *junkie.Key) {
	j.expect(ctx, told.Name == key.name && told.DiscordID == key.discord && told.ProviderID == j.shop && slices.Equal(devicesOf(told), key.devices) && told.ID > 0 && told.Value != "", "another key: %+v", told)
	key.id, key.value = told.ID, told.Value
}

// update changes one thing. Of devices every delivery binds the list anew (the mock's
// row junkie.update.bound-by): the ledger has each, but they end in the same state
// but for the time of the binding.
func (j *soakJunkie) update() *soakDeed {
	key := j.stock.one(j.dice, nil)
	if key == nil {
		return nil
	}
	changed := *key
	var params junkie.UpdateKeyParams
	switch j.dice.IntN(4) {
	case 0:
		changed.name = j.name("renamed")
		params.Name = junkie.Set(changed.name)
	case 1:
		changed.discord = j.user()
		params.DiscordID = junkie.Set(changed.discord)
	default:
		changed.devices = append(j.devices(), j.name("device")) // none at all might be what there is
		params.HWIDs = junkie.Set(changed.devices)
	}
	return &soakDeed{
		op: junkiemock.OpUpdateKey, effects: map[string]int{junkiemock.EffectKeyUpdated: 1}, moves: "hwids",
		about: func() []string { return []string{key.ledgerID()} },
		do: func(ctx context.Context) error {
			_, err := j.keys.Update(ctx, key.ref(), params)
			return err
		},
		find: func(ctx context.Context) (bool, error) {
			now, err := j.keys.Get(ctx, key.ref())
			if err != nil {
				return false, err
			}
			return now.Name == changed.name && now.DiscordID == changed.discord && slices.Equal(devicesOf(now), changed.devices), nil
		},
		again: true,
		done:  func() { *key = changed },
	}
}

// reset unbinds devices, of which a key without one first gets one by being used.
func (j *soakJunkie) reset() *soakDeed {
	key := j.stock.one(j.dice, nil)
	if key == nil {
		return nil
	}
	if len(key.devices) == 0 {
		device := j.name("device")
		if !j.world.Verify(key.value, device).Valid { // it has expired
			return nil
		}
		key.devices = []string{device}
	}
	return &soakDeed{
		op: junkiemock.OpResetKeyHWIDs, once: true, effects: map[string]int{junkiemock.EffectKeyHWIDsReset: 1},
		about: func() []string { return []string{key.ledgerID()} },
		do:    func(ctx context.Context) error { return j.keys.ResetHWIDs(ctx, key.ref()) },
		find: func(ctx context.Context) (bool, error) {
			now, err := j.keys.Get(ctx, key.ref())
			if err != nil {
				return false, err
			}
			return !j.count(ctx, len(now.HWIDs), len(key.devices)), nil
		},
		done: func() { key.devices = nil },
	}
}

func (j *soakJunkie) delete() *soakDeed {
	key := j.stock.one(j.dice, nil)
	if key == nil {
		return nil
	}
	return &soakDeed{
		op: junkiemock.OpDeleteKey, effects: map[string]int{junkiemock.EffectKeyDeleted: 1},
		about: func() []string { return []string{key.ledgerID()} },
		do:    func(ctx context.Context) error { return j.keys.Delete(ctx, key.ref()) },
		find:  func(ctx context.Context) (bool, error) { return j.gone(ctx, key) },
		again: true, gone: true,
		done: func() { j.stock.take(key) },
	}
}

func (j *soakJunkie) deleteAbsent() *soakDeed {
	nothing := junkie.ID(1 << 40)
	return j.deleteNothing(junkiemock.OpDeleteKey, func(ctx context.Context) error { return j.keys.Delete(ctx, nothing) }, func(ctx context.Context) error {
		_, err := j.keys.Get(ctx, nothing)
		return err
	})
}

func (j *soakJunkie) gone(ctx context.Context, key *soakJunkieKey) (bool, error) {
	_, err := j.keys.Get(ctx, key.ref())
	if errors.Is(err, junkie.ErrNotFound) {
		return true, nil
	}
	return false, err
}

func (j *soakJunkie) deleteMany() *soakDeed {
	keys := j.stock.some(j.dice, 2+j.dice.IntN(4), nil)
	if keys == nil {
		return nil
	}
	refs := soakEach(keys, (*soakJunkieKey).ref)
	return &soakDeed{
		op: junkiemock.OpDeleteKeys, effects: map[string]int{junkiemock.EffectKeyDeleted: len(keys)},
		about: func() []string { return soakEach(keys, (*soakJunkieKey).ledgerID) },
		do: func(ctx context.Context) error {
			result, err := j.keys.BulkDelete(ctx, refs)
			if err == nil {
				j.expect(ctx, result.Requested == len(refs) && result.Deleted <= len(refs), "%+v", result)
			}
			return err
		},
		find: func(ctx context.Context) (bool, error) {
			missing := 0
			for _, key := range keys {
				gone, err := j.gone(ctx, key)
				if err != nil {
					return false, err
				}
				missing += one(gone)
			}
			return j.count(ctx, missing, len(keys)), nil
		},
		again: true,
		done:  func() { j.stock.take(keys...) },
	}
}

func (j *soakJunkie) get() *soakDeed {
	key := j.stock.one(j.dice, nil)
	if key == nil {
		return nil
	}
	return &soakDeed{op: junkiemock.OpGetKey, do: func(ctx context.Context) error {
		told, err := j.keys.Get(ctx, key.ref())
		if err == nil {
			j.expect(ctx, told.ID == key.id && told.Value == key.value, "another key: %+v", told)
			j.learn(ctx, key, told)
		}
		return err
	}}
}

func (j *soakJunkie) list() *soakDeed {
	return &soakDeed{op: junkiemock.OpListKeys, do: func(ctx context.Context) error {
		page, err := j.keys.List(ctx, junkie.ListKeysParams{ProviderID: j.shop, Limit: 10})
		if err != nil {
			return err
		}
		j.expect(ctx, page.Total == len(j.stock.items) && len(page.Keys) == min(10, len(j.stock.items)),
			"%d keys of %d instead of %d", len(page.Keys), page.Total, len(j.stock.items))
		return nil
	}}
}

func (j *soakJunkie) walk() *soakDeed {
	return &soakDeed{op: junkiemock.OpListKeys, do: func(ctx context.Context) error {
		var seen []string
		for key, err := range j.keys.All(ctx, junkie.ListKeysParams{ProviderID: j.shop, Limit: 20}) {
			if err != nil {
				return err
			}
			seen = append(seen, key.Name+" "+key.Value)
		}
		j.same(ctx, seen, soakEach(j.stock.items, func(k *soakJunkieKey) string { return k.name + " " + k.value }))
		return nil
	}}
}

func (j *soakJunkie) folders() *soakDeed {
	return &soakDeed{op: junkiemock.OpListFolders, do: func(ctx context.Context) error {
		folders, err := j.keys.Folders(ctx)
		if err == nil {
			j.expect(ctx, len(folders) == len(j.soak.callers), "%d folders", len(folders))
		}
		return err
	}}
}

// same expects a list that was walked to be what the caller has.
func (c *soakCaller) same(ctx context.Context, told, known []string) {
	slices.Sort(told)
	slices.Sort(known)
	c.expect(ctx, slices.Equal(told, known), "the list has %q, the caller %q", told, known)
}

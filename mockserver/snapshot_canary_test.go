package mockserver

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/junkiemock"
	"github.com/keysmith-go/keysmith/mockserver/keycratemock"
	"github.com/keysmith-go/keysmith/mockserver/keygenmock"
	"github.com/keysmith-go/keysmith/mockserver/luaprotmock"
)

// Whoever adds a key twice, or uses one that there is not, is told so without it.
func TestCanaryOfMisuse(t *testing.T) {
	t.Parallel()
	test := &recorder{}
	s := RunT(test)
	const key = "A-KEY-TO-BE-HIDDEN"
	hub := s.LuaProt().AddHub("hub").ID
	misuses := []func(){
		func() { s.LuaProt().BlacklistGlobally("lost-"+key, "why") },
		func() { s.LuaProt().LiftGlobalBlacklist("lost-" + key) },
		func() { s.Keycrate().PortalReset("lost-" + key) },
	}
	for _, add := range []func(){
		func() { s.Junkie().AddKey(junkiemock.Key{Value: key}) },
		func() { s.LuaProt().AddKey(luaprotmock.Key{Value: key, HubID: hub}) },
		func() { s.Keycrate().AddLicense(keycratemock.License{Key: key}) },
		func() { s.Keygen().AddKey(keygenmock.Key{Key: key}) },
		func() { s.Keygen().AddLicense(keygenmock.License{Key: key}) },
	} {
		add()
		misuses = append(misuses, add)
	}
	for _, misuse := range misuses {
		assert.NotContains(t, fatality(t, test, misuse), key)
	}
}

// A snapshot holds every key. What is wrong with one that is refused is told without
// any of them: if they are taken, of the wrong type, or where a time or a number
// should be.
func TestCanaryOfRefusedSnapshots(t *testing.T) {
	t.Parallel()
	h := newHunt(t)
	whole := h.s.Snapshot()
	taken := map[string]string{"junkie": "junkie-key-0001", "luaprot": "luaprot-key-0001", "keycrate": "CRATE-KEY-0001", "keygen": "KEYGEN-POOL-0001"}
	const number = "4815162342"
	h.wanted = append(h.wanted, number)
	refusals := 0
	for _, place := range placesOf(t, whole) {
		values := []any{sheet{"key": h.fresh()}, nil}
		if place.mayHoldSecrets() {
			values = append(values, json.Number(number), []any{h.fresh()}, h.fresh(), taken[place.vendor()])
		}
		for _, value := range values {
			err := h.s.Restore(place.with(t, whole, value))
			if err == nil {
				continue
			}
			refusals++
			at := slices.IndexFunc(h.wanted, func(form string) bool { return strings.Contains(err.Error(), form) })
			assert.Equal(t, -1, at, "%v at %v: %v", value, place, err)
		}
	}
	assert.Greater(t, refusals, 200)
}

// place is where a value is in a document: names and numbers.
type place []any

// placesOf are two of each kind of places in a document in which there is a value that
// has no parts.
func placesOf(t *testing.T, document []byte) (places []place) {
	var root any
	require.NoError(t, json.Unmarshal(document, &root))
	alike := map[string]int{}
	var walk func(at place, value any)
	walk = func(at place, value any) {
		switch value := value.(type) {
		case sheet:
			for _, name := range slices.Sorted(maps.Keys(value)) {
				walk(append(slices.Clone(at), name), value[name])
			}
		case []any:
			for i, item := range value {
				walk(append(slices.Clone(at), i), item)
			}
		default:
			kind := at.kind()
			if alike[kind]++; alike[kind] <= 2 {
				places = append(places, at)
			}
		}
	}
	walk(nil, root)
	return places
}

// mayHoldSecrets reports whether in the place there is a text that is no name and no
// id of anything.
func (p place) mayHoldSecrets() bool {
	name, _ := p[len(p)-1].(string)
	for _, secret := range []string{"key", "value", "secret", "token", "password", "metadata", "now", "latest", "start", "random", "salts", "caller"} {
		if strings.EqualFold(name, secret) {
			return true
		}
	}
	for _, suffix := range []string{"At", "Created", "created", "Updated", "updated", "Expiry", "expiry", "Until", "expire"} {
		if strings.HasSuffix(name, suffix) {
			return true
		}
	}
	return false
}

// vendor is the one that the place belongs to.
func (p place) vendor() string {
	if len(p) < 2 {
		return ""
	}
	return fmt.Sprint(p[1])
}

// kind is the place without its numbers.
func (p place) kind() (kind string) {
	for _, step := range p {
		if name, ok := step.(string); ok {
			kind += "/" + name
		}
	}
	return kind
}

// with returns the document with another value in the place.
func (p place) with(t *testing.T, document []byte, value any) []byte {
	var root any
	require.NoError(t, json.Unmarshal(document, &root))
	switch within, last := at(root, p[:len(p)-1]...), p[len(p)-1]; last := last.(type) {
	case string:
		within.(sheet)[last] = value
	case int:
		within.([]any)[last] = value
	}
	return encode(t, root)
}

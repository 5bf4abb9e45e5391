package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/junkie"
	"github.com/keysmith-go/keysmith/keycrate"
	"github.com/keysmith-go/keysmith/keygen"
	"github.com/keysmith-go/keysmith/luaprot"
	"github.com/keysmith-go/keysmith/mockserver"
	"github.com/keysmith-go/keysmith/mockserver/junkiemock"
	"github.com/keysmith-go/keysmith/mockserver/keycratemock"
	"github.com/keysmith-go/keysmith/mockserver/keygenmock"
	"github.com/keysmith-go/keysmith/mockserver/luaprotmock"
)

func Example_story() {
	if err := story(context.Background(), os.Stdout); err != nil {
		fmt.Println(err)
	}
	// Output:
	// Junkie
	//   issued    key 1 for "order 1042", valid until 2026-01-31, for 2 devices
	//   used      on the laptop: KEY_VALID
	//   used      on the phone: KEY_VALID
	//   used      on the tablet: HWID_MISMATCH
	//   extended  until 2026-03-02
	//   reset     the devices of key 1
	//   used      on the tablet: KEY_VALID
	//   lost      the answer for order 1043: one key or none? It was not sent again.
	//   found     key 2 for "order 1043": it was issued after all, once
	//   listed    key 2, "order 1043", active
	//   listed    key 1, "order 1042", used
	//   waited    60 days
	//   used      on the tablet: KEY_EXPIRED
	//   revoked   key 1: nobody finds it any more
	// LuaProt
	//   added     a key for the buyer, "order 1042", valid until 2026-01-31
	//   checked   on the laptop: VALID
	//   checked   on the phone: HWID_MISMATCH
	//   reset     the device of the buyer's key
	//   checked   on the phone: VALID
	//   barred    the buyer: payment in dispute
	//   checked   on the phone: BLACKLISTED
	//   lifted    the blacklisting again
	//   checked   on the phone: VALID
	//   generated 10 keys to give away
	//   listed    10 keys that belong to nobody yet
	//   lost      the answer for a friend: one key or none? It was not sent again.
	//   found     the friend's key, "order 1043": it was added after all, once
	//   deleted   the buyer's key: nobody finds it any more
	// Keygen
	//   filled    the pool of "Editor, 30 days"
	//   left      in the pool: 3
	//   sold      EDITOR-0003 for "order 1042", valid until 2026-01-31
	//   lost      the answer for "order 1043", and found the license by its id: EDITOR-0002
	//   left      in the pool: 1
	//   lost      the answer for a new key, and recognized it: EDITOR-0004
	//   left      in the pool: 2
	//   popped    EDITOR-0004 for a reseller
	//   sold      EDITOR-0001 for "order 1044"
	//   sold out  "order 1045" has to wait for new keys
	//   waited    31 days
	//   refused   an answer that the vendor has not signed
	//   believed  the vendor's own: EDITOR-0003 is EXPIRED
	// Keycrate
	//   sold      30 days of premium for order-1042, from the first use on
	//   signed up ada, with the license key
	//   let in    on the laptop: premium until 2026-01-31
	//   kept out  on the phone: HWID_MISMATCH
	//   cleared   the device
	//   let in    on the phone: premium until 2026-01-31
	//   lost      the answer for an extension: 30 days or none? It was not sent again.
	//   extended  from 2026-01-31 to 2026-03-02, once
	//   paused    the license
	//   kept out  on the phone: LICENSE_NOT_ACTIVE
	//   activated it again
	//   let in    on the phone: premium until 2026-03-02
	//   waited    60 days
	//   kept out  on the phone: expired on 2026-03-02
	//   looked up the license: active, expired: true
}

// The live part must read only, and must not print what unlocks a product.
func TestLiveReadsOnlyAndShowsNoKeyValue(t *testing.T) {
	t.Parallel()
	s := mockserver.RunT(t, mockserver.WithStart(opening))
	s.Junkie().AddFolder("resellers")
	sold := s.Junkie().AddKey(junkiemock.Key{Name: "order 1042"})
	junkieClient, err := junkie.New(junkie.Config{APIKey: s.Junkie().APIKey(), HTTPClient: s.Client()})
	require.NoError(t, err)
	hub := s.LuaProt().AddHub("shop", luaprotmock.HubID("90000000000000000001"))
	given := s.LuaProt().AddKey(luaprotmock.Key{HubID: hub.ID, Note: "giveaway", HWID: "device-1", Blacklisted: true})
	luaprotClient, err := luaprot.New(luaprot.Config{APIKey: s.LuaProt().APIKey(), HTTPClient: s.Client()})
	require.NoError(t, err)
	policy := s.Keygen().AddPolicy(keygenmock.Policy{ID: "95981290-518b-4109-a611-c0001214b3c5", Pooled: true})
	pooled := s.Keygen().AddKey(keygenmock.Key{ID: "6e936a61-94ad-44d1-88ac-88da9f10eca7", PolicyID: policy.ID})
	keygenClient, err := keygen.New(keygen.Config{Account: s.Keygen().Account(), Credential: keygen.Token(s.Keygen().Token()), HTTPClient: s.Client()})
	require.NoError(t, err)

	license := s.Keycrate().AddLicense(keycratemock.License{ID: "3b0a42e5-8f0e-4c9c-9d50-6f6bb5f3a7d1", Tags: []string{"order-1042"}, HWID: "device-2"})
	keycrateClient, err := keycrate.New(keycrate.Config{APIKey: s.Keycrate().APIKey(), HTTPClient: s.Client()})
	require.NoError(t, err)
	before := s.Effects()

	var out bytes.Buffer
	require.NoError(t, showJunkie(context.Background(), &out, junkieClient))
	require.NoError(t, showLuaProt(context.Background(), &out, luaprotClient))
	require.NoError(t, showKeygen(context.Background(), &out, keygenClient))
	require.NoError(t, showKeycrate(context.Background(), &out, keycrateClient, s.Keycrate().AppID()))
	require.Equal(t, `Junkie: 1 folders, 1 keys
  key 1, "order 1042", active, created 2026-01-01
LuaProt: 1 keys
  key of hub 90000000000000000001, "giveaway", usable: false, created 2026-01-01
Keygen: 1 keys in pools
  key 6e936a61-94ad-44d1-88ac-88da9f10eca7 of policy 95981290-518b-4109-a611-c0001214b3c5, created 2026-01-01
Keycrate: 1 subscriptions, 1 licenses
  license 3b0a42e5-8f0e-4c9c-9d50-6f6bb5f3a7d1, ["order-1042"], usable: true, created 2026-01-01
`, out.String())
	for _, secret := range []string{
		sold.Value, given.Value, given.HWID, pooled.Key, s.Keygen().Token(), license.Key, license.HWID, s.Keycrate().APIKey(),
	} {
		require.NotContains(t, out.String(), secret)
	}
	posts := []string{keycratemock.OpListSubscriptions, keycratemock.OpListLicenses} // as all of this vendor's
	s.AssertCalls(t, 6)
	s.AssertCalls(t, 4, junkiemock.OpListFolders, junkiemock.OpListKeys, luaprotmock.OpFetchKeys, keygenmock.OpListKeys)
	s.AssertCalls(t, 2, posts...)
	for _, call := range s.Calls() {
		require.True(t, call.Method == http.MethodGet || slices.Contains(posts, call.Op), "%v", call)
	}
	require.Equal(t, before, s.Effects())
}

func TestLiveWantsACredential(t *testing.T) {
	for _, name := range []string{"JUNKIE_API_KEY", "LUAPROT_API_KEY", "KEYGEN_TOKEN", "KEYCRATE_API_KEY"} {
		t.Setenv(name, "")
	}
	require.ErrorContains(t, readOnly(context.Background(), &bytes.Buffer{}), "JUNKIE_API_KEY, LUAPROT_API_KEY, KEYGEN_TOKEN or KEYCRATE_API_KEY")
}

package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/junkie"
	"github.com/keysmith-go/keysmith/mockserver"
	"github.com/keysmith-go/keysmith/mockserver/junkiemock"
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
}

// The live part must read only, and must not print what unlocks a product.
func TestLiveReadsOnlyAndShowsNoKeyValue(t *testing.T) {
	t.Parallel()
	s := mockserver.RunT(t, mockserver.WithStart(time.Date(2026, time.January, 1, 9, 0, 0, 0, time.UTC)))
	world := s.Junkie()
	world.AddFolder("resellers")
	key := world.AddKey(junkiemock.Key{Name: "order 1042"})
	client, err := junkie.New(junkie.Config{
		APIKey:     world.APIKey(),
		HTTPClient: s.Client(),
		OnAttempt: func(_ context.Context, a junkie.Attempt) {
			require.Contains(t, []string{"listFolders", "listKeys"}, a.Op)
		},
	})
	require.NoError(t, err)

	var out bytes.Buffer
	require.NoError(t, show(context.Background(), &out, client))
	require.Equal(t, "Junkie: 1 folders, 1 keys\n  key 1, \"order 1042\", active, created 2026-01-01\n", out.String())
	require.NotContains(t, out.String(), key.Value)
	for _, call := range s.Calls(mockserver.AnyOp) {
		if call.Method != "" {
			require.Equal(t, http.MethodGet, call.Method)
		}
	}
}

func TestLiveWantsAnAPIKey(t *testing.T) {
	t.Setenv("JUNKIE_API_KEY", "")
	require.ErrorContains(t, readOnly(context.Background(), &bytes.Buffer{}), "JUNKIE_API_KEY")
}

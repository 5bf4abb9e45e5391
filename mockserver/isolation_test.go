package mockserver_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/junkie"
	"github.com/keysmith-go/keysmith/mockserver"
	"github.com/keysmith-go/keysmith/mockserver/junkiemock"
)

// Two hundred tests at a time have a server each: with a clock, keys, faults and
// a journal of its own, no port, and no goroutine.
func TestTwoHundredTestsSideBySide(t *testing.T) {
	t.Parallel()
	for i := range 200 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			s := mockserver.RunT(t, mockserver.WithRandomSeed(uint64(i)+1))
			shop := s.Junkie().AddProvider("shop")
			client, err := junkie.New(junkie.Config{APIKey: s.Junkie().APIKey(), HTTPClient: s.Client()})
			require.NoError(t, err)
			lost := i % 3
			if lost > 0 {
				s.Inject(mockserver.Fault{Op: junkiemock.OpCreateKey, Phase: mockserver.AfterCommit, Do: mockserver.ConnReset(), Times: lost})
			}
			sold := 0
			for range 3 {
				key, err := client.Keys.Create(t.Context(), junkie.CreateKeyParams{ProviderID: shop.ID, Validity: time.Duration(i+1) * time.Hour})
				if err != nil {
					require.ErrorIs(t, err, junkie.ErrUnknownOutcome)
					continue
				}
				sold++
				require.True(t, s.Junkie().Verify(key.Value, "device").Valid)
				s.Advance(time.Duration(i+1) * time.Hour)
				require.Equal(t, junkiemock.CodeKeyExpired, s.Junkie().Verify(key.Value, "device").Code)
			}
			assert.Equal(t, 3-lost, sold)
			s.AssertCalls(t, 3, junkiemock.OpCreateKey)
			s.AssertEffects(t, 3, "junkie."+junkiemock.EffectKeyCreated)
		})
	}
}

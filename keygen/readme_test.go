package keygen_test

import (
	"context"
	"errors"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/keygen"
	"github.com/keysmith-go/keysmith/mockserver"
	"github.com/keysmith-go/keysmith/mockserver/keygenmock"
)

// What README.md and RETRIES.md show of this package stands here, so that the
// compiler reads it, too; a test in internal/conformance compares the two.

func draw(ctx context.Context, policyID string) error {
	client, err := keygen.New(keygen.Config{Account: "acme", Credential: keygen.Token(os.Getenv("KEYGEN_TOKEN"))})
	if err != nil {
		return err
	}
	license, err := client.Licenses.Create(ctx, keygen.CreateLicenseParams{PolicyID: policyID, Name: "order 1042"})
	_ = license
	return err
}

// Order is what a shop remembers of an order.
type Order struct{ LicenseID, PolicyID string }

func deliver(ctx context.Context, client *keygen.Client, order Order) (*keygen.License, error) {
	license, err := client.Licenses.Get(ctx, order.LicenseID) // a UUID, stored with the order when it came in
	if errors.Is(err, keygen.ErrNotFound) {
		license, err = client.Licenses.Create(ctx, keygen.CreateLicenseParams{ID: order.LicenseID, PolicyID: order.PolicyID})
	}
	return license, err // keygen.ErrPoolEmpty: nothing was created
}

func TestReadmeExample(t *testing.T) {
	t.Setenv("KEYGEN_TOKEN", "")
	assert.ErrorContains(t, draw(t.Context(), "b18e3f3a-330c-4d8d-ae2e-014db21fa827"), "Credential")
}

// What RETRIES.md says of deliver: one key, whatever happens to the answers.
func TestReadmeExampleCostsOneKey(t *testing.T) {
	t.Parallel()
	lost := func(op string, phase mockserver.Phase) mockserver.Fault {
		return mockserver.Fault{Op: op, Phase: phase, Do: mockserver.ConnReset(), Times: 1}
	}
	const create, get = keygenmock.OpCreateLicense, keygenmock.OpGetLicense
	down := mockserver.Fault{Op: get, Do: mockserver.Status(503), Skip: 1, Times: 3} // when the client looks what became of it
	for name, c := range map[string]struct {
		faults []mockserver.Fault
		made   bool // the first time
	}{
		"answered":                          {made: true},
		"lost after the commit":             {faults: []mockserver.Fault{lost(create, mockserver.AfterCommit)}, made: true},
		"lost before the commit":            {faults: []mockserver.Fault{lost(create, mockserver.BeforeCommit)}},
		"lost after the commit, then down":  {faults: []mockserver.Fault{lost(create, mockserver.AfterCommit), down}},
		"lost before the commit, then down": {faults: []mockserver.Fault{lost(create, mockserver.BeforeCommit), down}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := mockserver.RunT(t)
			world := s.Keygen()
			policy := world.AddPolicy(keygenmock.Policy{Pooled: true})
			for range 2 {
				world.AddKey(keygenmock.Key{PolicyID: policy.ID})
			}
			client, err := keygen.New(keygen.Config{
				Account: world.Account(), Credential: keygen.Token(world.Token()), HTTPClient: s.Client(),
				Retry: keygen.RetryPolicy{BaseDelay: 1, MaxDelay: 1},
			})
			require.NoError(t, err)
			for _, fault := range c.faults {
				s.Inject(fault)
			}
			order := Order{LicenseID: "b18e3f3a-330c-4d8d-ae2e-014db21fa827", PolicyID: policy.ID}
			first, err := deliver(t.Context(), client, order)
			if c.made {
				require.NoError(t, err)
			} else {
				require.ErrorIs(t, err, keygen.ErrUnknownOutcome)
			}
			for range 3 {
				again, err := deliver(t.Context(), client, order)
				require.NoError(t, err)
				if first == nil {
					first = again
				}
				assert.Equal(t, first, again)
			}
			assert.Equal(t, order.LicenseID, first.ID)
			assert.Len(t, world.Pool(policy.ID), 1)
			s.AssertEffects(t, 1, keygenmock.EffectLicenseCreated)
			s.AssertEffects(t, 1, keygenmock.EffectKeyDrawn)
		})
	}
}

func TestReadmeExampleTellsThatAPoolIsEmpty(t *testing.T) {
	t.Parallel()
	s := mockserver.RunT(t)
	world := s.Keygen()
	policy := world.AddPolicy(keygenmock.Policy{Pooled: true})
	client, err := keygen.New(keygen.Config{Account: world.Account(), Credential: keygen.Token(world.Token()), HTTPClient: s.Client()})
	require.NoError(t, err)
	_, err = deliver(t.Context(), client, Order{LicenseID: "b18e3f3a-330c-4d8d-ae2e-014db21fa827", PolicyID: policy.ID})
	require.ErrorIs(t, err, keygen.ErrPoolEmpty)
	assert.Empty(t, world.Licenses())
}

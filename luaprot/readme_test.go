package luaprot_test

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/luaprot"
	"github.com/keysmith-go/keysmith/mockserver"
	"github.com/keysmith-go/keysmith/mockserver/luaprotmock"
)

// What README.md and RETRIES.md show of this package stands here, so that the
// compiler reads it, too; a test in internal/conformance compares the two.

func add(ctx context.Context, hubID, buyer string) error {
	client, err := luaprot.New(luaprot.Config{APIKey: os.Getenv("LUAPROT_API_KEY")})
	if err != nil {
		return err
	}
	key, err := client.Hub(hubID).Add(ctx, luaprot.AddKeyParams{DiscordID: buyer, ExpiresIn: 30 * 24 * time.Hour})
	_ = key
	return err
}

func admit(ctx context.Context, hub *luaprot.Hub, user string) (*luaprot.Key, error) {
	key, err := hub.Add(ctx, luaprot.AddKeyParams{DiscordID: user, ExpiresIn: 30 * 24 * time.Hour})
	if errors.Is(err, luaprot.ErrUnknownOutcome) || errors.Is(err, luaprot.ErrAlreadyWhitelisted) {
		return hub.Get(ctx, luaprot.ByDiscordID(user)) // ErrNotFound: nothing was created, so add again
	}
	return key, err
}

func TestReadmeExample(t *testing.T) {
	t.Setenv("LUAPROT_API_KEY", "")
	assert.ErrorContains(t, add(t.Context(), "1", buyer), "APIKey is empty")
}

// What RETRIES.md says of admit: one key, whatever happens to the answer.
func TestReadmeExampleMakesOneKey(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		lost  bool
		phase mockserver.Phase
		keys  int // after the first call
	}{
		"answered":               {keys: 1},
		"lost after the commit":  {lost: true, phase: mockserver.AfterCommit, keys: 1},
		"lost before the commit": {lost: true, phase: mockserver.BeforeCommit, keys: 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := mockserver.RunT(t)
			client, err := luaprot.New(luaprot.Config{APIKey: s.LuaProt().APIKey(), HTTPClient: s.Client()})
			require.NoError(t, err)
			hub := client.Hub(s.LuaProt().AddHub("shop").ID)
			if c.lost {
				s.Inject(mockserver.Fault{Op: luaprotmock.OpAddKey, Phase: c.phase, Do: mockserver.ConnReset(), Times: 1})
			}
			key, err := admit(t.Context(), hub, buyer)
			require.Len(t, s.LuaProt().Keys(), c.keys)
			if c.keys == 0 {
				require.ErrorIs(t, err, luaprot.ErrNotFound)
				key, err = admit(t.Context(), hub, buyer)
			}
			require.NoError(t, err)
			again, err := admit(t.Context(), hub, buyer)
			require.NoError(t, err)
			assert.Equal(t, key.Value, again.Value)
			s.AssertEffects(t, 1, luaprotmock.EffectKeyCreated)
		})
	}
}

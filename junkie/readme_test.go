package junkie_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/junkie"
	"github.com/keysmith-go/keysmith/mockserver"
	"github.com/keysmith-go/keysmith/mockserver/junkiemock"
)

// What README.md and RETRIES.md show of this package stands here, so that the
// compiler reads it, too; a test in internal/conformance compares the two.

func sell(ctx context.Context, order string) error {
	client, err := junkie.New(junkie.Config{APIKey: os.Getenv("JUNKIE_API_KEY")})
	if err != nil {
		return err // every fault of the configuration at once
	}
	key, err := client.Keys.Create(ctx, junkie.CreateKeyParams{
		ProviderID: 7,
		Name:       "order 1042",
		Validity:   30 * 24 * time.Hour,
		HWIDLimit:  2,
	})
	var e *junkie.Error
	switch {
	case errors.As(err, &e) && e.Outcome != junkie.OutcomeNotApplied:
		return holdForReview(order, err) // there may be a key: the error says how to find out
	case errors.Is(err, junkie.ErrRateLimited):
		return tryAgainIn(e.RetryAfter)
	case err != nil:
		return err
	}
	fmt.Println(key.Value)
	return nil
}

func holdForReview(order string, err error) error { return fmt.Errorf("%s: %w", order, err) }
func tryAgainIn(wait time.Duration) error         { return fmt.Errorf("try again in %v", wait) }

func createKey(ctx context.Context, httpClient *http.Client, apiKey string, body []byte) (*http.Response, error) {
	var failed error
	for try := range 3 {
		time.Sleep(time.Duration(try) * time.Second)
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://api.jnkie.com/api/v2/keys", bytes.NewReader(body))
		if err != nil {
			return nil, err
		}
		req.Header.Set("Authorization", "Bearer "+apiKey)
		req.Header.Set("Content-Type", "application/json")
		resp, err := httpClient.Do(req)
		if err == nil && resp.StatusCode < http.StatusInternalServerError {
			return resp, nil
		}
		failed = err
	}
	return nil, failed
}

func issue(ctx context.Context, client *junkie.Client, params junkie.CreateKeyParams) (*junkie.Key, error) {
	key, unknown := client.Keys.Create(ctx, params)
	var e *junkie.Error
	if !errors.As(unknown, &e) || e.Outcome == junkie.OutcomeNotApplied {
		return key, unknown // it was created, or it was not, for certain
	}
	for key, err := range client.Keys.All(ctx, junkie.ListKeysParams{ProviderID: params.ProviderID}) {
		if err != nil {
			return nil, errors.Join(unknown, err) // still not known: look again later
		}
		if key.Name == params.Name {
			return key, nil // it was created, and its answer got lost
		}
	}
	return nil, unknown // not there yet: look again in a minute, and if it is not there then, create it
}

func TestReadmeExample(t *testing.T) {
	t.Setenv("JUNKIE_API_KEY", "")
	assert.ErrorContains(t, sell(t.Context(), "order 1042"), "APIKey is empty")
}

// What RETRIES.md says of the call before: one lost answer, two keys.
func TestReadmeExampleByHandMakesTwoKeys(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := mockserver.RunT(t)
		s.Inject(mockserver.Fault{Op: junkiemock.OpCreateKey, Phase: mockserver.AfterCommit, Do: mockserver.ConnReset(), Times: 1})
		body := fmt.Appendf(nil, `{"provider_id": %d, "key_name": "order 1042"}`, s.Junkie().AddProvider("shop").ID)
		resp, err := createKey(t.Context(), s.Client(), s.Junkie().APIKey(), body)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		assert.Equal(t, http.StatusCreated, resp.StatusCode)
		s.AssertEffects(t, 2, junkiemock.EffectKeyCreated)
	})
}

// What RETRIES.md says of the call after: one key, whatever happens to the
// answer.
func TestReadmeExampleMakesOneKey(t *testing.T) {
	t.Parallel()
	for _, side := range []mockserver.Phase{mockserver.BeforeCommit, mockserver.AfterCommit} {
		s := mockserver.RunT(t)
		s.Inject(mockserver.Fault{Op: junkiemock.OpCreateKey, Phase: side, Do: mockserver.ConnReset(), Times: 1})
		sellAndLookAgain(t, s)
		s.AssertEffects(t, 1, junkiemock.EffectKeyCreated)
	}
}

// sellAndLookAgain issues a key and, if it is not known whether there is one,
// looks a second time and issues it if there is none.
func sellAndLookAgain(t *testing.T, s *mockserver.Server) {
	t.Helper()
	client, err := junkie.New(junkie.Config{APIKey: s.Junkie().APIKey(), HTTPClient: s.Client()})
	require.NoError(t, err)
	params := junkie.CreateKeyParams{ProviderID: s.Junkie().AddProvider("shop").ID, Name: "order 1042"}
	key, err := issue(t.Context(), client, params)
	if errors.Is(err, junkie.ErrUnknownOutcome) {
		require.Empty(t, s.Junkie().Keys(), "there is a key, and it was not found")
		key, err = issue(t.Context(), client, params)
	}
	require.NoError(t, err)
	require.Len(t, s.Junkie().Keys(), 1)
	assert.Equal(t, s.Junkie().Keys()[0].Value, key.Value)
}

package junkie_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/junkie"
)

// sell is the README's example, so that the compiler reads it too.
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

	for key, err := range client.Keys.All(ctx, junkie.ListKeysParams{Status: junkie.StatusActive}) {
		if err != nil {
			return err
		}
		fmt.Println(key.ID)
	}
	return nil
}

func holdForReview(order string, err error) error { return fmt.Errorf("%s: %w", order, err) }
func tryAgainIn(wait time.Duration) error         { return fmt.Errorf("try again in %v", wait) }

// The README's example is the beginning of sell, line by line, apart from what
// it leaves out.
func TestReadmeExample(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	source, err := os.ReadFile("readme_test.go")
	require.NoError(t, err)
	_, example, found := strings.Cut(string(readme), "## Use it")
	require.True(t, found)
	_, example, found = strings.Cut(example, "```go\n")
	require.True(t, found)
	example, _, found = strings.Cut(example, "```")
	require.True(t, found)

	_, rest, found := strings.Cut(string(source), "func sell(")
	require.True(t, found)
	for line := range strings.Lines(example) {
		if line = strings.TrimSpace(line); line == "..." {
			continue
		}
		_, after, found := strings.Cut(rest, line)
		assert.True(t, found, "%q is not in sell, or not after what is above it", line)
		if found {
			rest = after
		}
	}
	t.Setenv("JUNKIE_API_KEY", "")
	assert.ErrorContains(t, sell(t.Context(), "order 1042"), "APIKey is empty")
}

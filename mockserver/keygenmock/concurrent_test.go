package keygenmock_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver"
	"github.com/keysmith-go/keysmith/mockserver/keygenmock"
)

// TestPoolGivesEachKeyOnce: of a thousand who ask at once for what a pool of 500
// has, 500 get a key, no two the same, and the others are told that it is empty.
func TestPoolGivesEachKeyOnce(t *testing.T) {
	t.Parallel()
	for name, ask := range map[string]struct {
		method, path, body string // with the policy's id to be filled in
		success            int
		empty              string // the refusal's code
	}{
		"licenses": {
			"POST", "/licenses", `{"data":{"type":"licenses","relationships":{"policy":{"data":{"type":"policies","id":%q}}}}}`,
			http.StatusCreated, "POLICY_POOL_EMPTY",
		},
		"pops": {"DELETE", "/policies/%s/pool", "", http.StatusOK, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := mockserver.RunT(t)
			world := s.Keygen()
			policy := world.AddPolicy(keygenmock.Policy{Pooled: true})
			pool := map[string]bool{}
			for range 500 {
				pool[world.AddKey(keygenmock.Key{PolicyID: policy.ID}).Key] = true
			}
			path, body := ask.path, ask.body
			if body == "" {
				path = fmt.Sprintf(path, policy.ID)
			} else {
				body = fmt.Sprintf(body, policy.ID)
			}
			answers := ask1000(t, s, ask.method, path, body)

			given, refused := map[string]bool{}, 0
			for _, a := range answers {
				if a.status == http.StatusUnprocessableEntity {
					require.Len(t, a.Errors, 1)
					assert.Equal(t, ask.empty, a.Errors[0].Code)
					assert.Equal(t, "pool is empty", a.Errors[0].Detail)
					refused++
					continue
				}
				require.Equal(t, ask.success, a.status)
				assert.False(t, given[a.Data.Attributes.Key], "given twice")
				given[a.Data.Attributes.Key] = true
			}
			assert.Equal(t, pool, given)
			assert.Equal(t, 500, refused)
			assert.Empty(t, world.Keys())
			if name == "licenses" {
				assert.Len(t, world.Licenses(), 500)
				s.AssertEffects(t, 500, keygenmock.EffectKeyDrawn)
			}
		})
	}
}

// answer is what either operation answers.
type answer struct {
	status int
	Data   struct{ Attributes struct{ Key string } }
	Errors []struct{ Code, Detail string }
}

// ask1000 sends a thousand requests at once, as the account's admin.
func ask1000(t *testing.T, s *mockserver.Server, method, path, body string) []answer {
	t.Helper()
	world := s.Keygen()
	answers, errs := make([]answer, 1000), make([]error, 1000)
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() {
			answers[i], errs[i] = send(s.Client(), method, "https://api.keygen.sh/v1/accounts/"+world.Account()+path, body, world.Token())
		})
	}
	all.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	return answers
}

func send(client *http.Client, method, url, body, token string) (a answer, err error) {
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		return a, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/vnd.api+json")
	req.Header.Set("Accept", "application/vnd.api+json")
	resp, err := client.Do(req)
	if err != nil {
		return a, err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return a, err
	}
	a.status = resp.StatusCode
	return a, json.Unmarshal(text, &a)
}

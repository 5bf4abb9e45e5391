package conformance

import (
	"strings"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/keygen"
	"github.com/keysmith-go/keysmith/mockserver/keygenmock"
)

var keygenProducts = []scenario[*keygenStage]{
	{
		name:   "product: created and shown",
		proves: "product.created product.object product.defaults product.by-code product.event header.location",
		play: func(s *keygenStage) {
			client := s.client()
			params := keygen.CreateProductParams{
				Name: "App", Code: "example/1", URL: "https://app.example", DistributionStrategy: keygen.DistributionOpen, Platforms: []string{"mac"},
				Metadata: map[string]any{"team": "blue"},
			}
			full, err := client.Products.Create(s.Context(), params)
			require.NoError(s, err)
			assert.Equal(s, params, keygen.CreateProductParams{
				Name: full.Name, Code: full.Code, URL: full.URL, DistributionStrategy: full.DistributionStrategy, Platforms: full.Platforms, Metadata: full.Metadata,
			})
			assert.Contains(s, s.seen.read().resp.Header.Get("Location"), "/v1/accounts/"+s.Keygen.AccountID()+"/products/"+full.ID)
			for _, name := range []string{full.ID, full.Code} {
				got, err := client.Products.Get(s.Context(), name)
				require.NoError(s, err)
				assert.Equal(s, full, got)
			}
			_, err = client.Products.Get(s.Context(), "EXAMPLE/1")
			s.assertRefused(err, 404, keygen.ErrNotFound)
			plain, err := client.Products.Create(s.Context(), keygen.CreateProductParams{Name: "Plain"})
			require.NoError(s, err)
			a := s.assertAttributes(s.get("/products/"+plain.ID), 200, map[string]any{
				"distributionStrategy": "LICENSED", "code": nil, "url": nil, "platforms": nil, "metadata": map[string]any{},
			})
			relations := a.at(s, "data.relationships").(map[string]any)
			for _, name := range strings.Fields("policies licenses machines users tokens platforms channels releases artifacts") {
				assert.Equal(s, map[string]any{"links": map[string]any{"related": a.at(s, "data.links.self").(string) + "/" + name}}, relations[name])
			}
			assert.Len(s, relations, 10)
			for i, id := range []string{full.ID, plain.ID} {
				assert.Equal(s, []string{"product.created", id}, []string{s.Keygen.Events()[i].Name, s.Keygen.Events()[i].ObjectID})
			}
		},
	},
	{
		name:   "product: what is refused, and to whom",
		proves: "product.name product.code-taken product.self product.scope product.created role.forbidden",
		play: func(s *keygenStage) {
			tokens, client := s.tokens(), s.client()
			product := s.Keygen.AddProduct(keygenmock.Product{Code: "app"})
			s.assertMalformed(s.post("/products", productDocument(``)), "/data/attributes/name", "is missing")
			s.assertMalformed(s.post("/products", productDocument(`"name": " "`)), "/data/attributes/name", "cannot be blank")
			s.assertErrors(s.post("/products", productDocument(`"name": "a", "code": "app"`)), 422,
				wrongAttributeJSON("products", "code", "CODE_TAKEN", "has already been taken"))
			_, err := client.Products.Create(s.Context(), keygen.CreateProductParams{Name: "a", Code: "app"})
			s.assertRefused(err, 422, keygen.ErrInvalid)
			for _, role := range []string{"sales agent", "support agent"} {
				s.assertForbidden(s.post("/products", productDocument(`"name": "a"`), bearer(tokens[role])))
			}
			for _, role := range []string{"read only", "product", "user", "license"} {
				s.assertLacks(s.post("/products", productDocument(`"name": "a"`), bearer(tokens[role])), role)
			}
			s.assertStatus(s.post("/products", productDocument(`"name": "a"`), bearer(tokens["developer"])), 201)

			own := s.clientAs(keygen.Token(s.tokenOf(product.ID)))
			got, err := own.Products.Get(s.Context(), "app")
			require.NoError(s, err)
			assert.Equal(s, product.ID, got.ID)
			for _, role := range []string{"product", "user", "license"} {
				s.assertHidden(s.get("/products/"+product.ID, bearer(tokens[role])), "product", product.ID)
			}
			policy := s.Keygen.AddPolicy(keygenmock.Policy{ProductID: product.ID})
			license := s.Keygen.AddLicense(keygenmock.License{PolicyID: policy.ID})
			s.assertLacks(s.get("/products/"+product.ID, bearer(s.tokenOf(license.ID))), "license")
			for role := range employees {
				s.assertStatus(s.get("/products/app", bearer(tokens[role])), 200)
			}
		},
	},
	{
		name:   "token: of a product",
		proves: "token.created token.object token.secret token.expiry token.document token.order token.event",
		play: func(s *keygenStage) {
			tokens := s.tokens()
			policy, keys := s.pool(1)
			path := "/products/" + policy.ProductID + "/tokens"
			token, err := s.client().Products.CreateToken(s.Context(), policy.ProductID)
			require.NoError(s, err)
			assert.Equal(s, 200, s.seen.read().resp.StatusCode)
			assert.Regexp(s, `^prod-[0-9a-f]{64}v3$`, token.Token)
			assert.Equal(s, []string{"product-token", "", policy.ProductID, s.Keygen.AccountID()}, []string{token.Kind, token.Name, token.ProductID, token.AccountID})
			assert.True(s, token.ExpiresAt.IsZero())
			event := s.Keygen.Events()[0]
			assert.Equal(s, []string{"token.generated", token.ID}, []string{event.Name, event.ObjectID})
			page, err := s.clientAs(keygen.Token(token.Token)).Keys.List(s.Context(), keygen.ListKeysParams{})
			require.NoError(s, err)
			assert.Equal(s, keyIDs(keys...), keygenIDs(page.Items))

			named := s.post(path, `{"data": {"type": "tokens", "attributes": {"name": "CI", "expiry": "2030-01-01T00:00:00Z"}}}`)
			s.assertAttributes(named, 200, map[string]any{"name": "CI", "expiry": "2030-01-01T00:00:00.000Z", "kind": "product-token"})
			assert.Equal(s, map[string]any{"type": "products", "id": policy.ProductID}, named.at(s, "data.relationships.bearer.data"))
			s.assertStatus(s.post(path, "", bearer(tokens["developer"])), 200)
			s.assertForbidden(s.post(path, `{"bad": 1}`, bearer(tokens["sales agent"])))
			s.assertHidden(s.post("/products/"+sampleID+"/tokens", `{"bad": 1}`, bearer(tokens["sales agent"])), "product", sampleID)
			s.assertMalformed(s.post(path, `{"bad": 1}`), "/bad", unpermitted)
			_, err = s.client().Products.CreateToken(s.Context(), sampleID)
			s.assertRefused(err, 404, keygen.ErrNotFound)
		},
	},
}

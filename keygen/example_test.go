package keygen_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"strings"
	"time"

	"github.com/keysmith-go/keysmith/keygen"
	"github.com/keysmith-go/keysmith/mockserver"
	"github.com/keysmith-go/keysmith/mockserver/keygenmock"
)

// opening is when the shop of the examples opens.
var opening = time.Date(2026, time.January, 1, 9, 0, 0, 0, time.UTC)

// newShop returns a client that speaks to a mock of the vendor, and the id of
// a policy with a pool there, which has the given keys.
func newShop(keys ...string) (*keygen.Client, *mockserver.Server, string) {
	server := mockserver.New(mockserver.WithStart(opening))
	server.Freeze()
	world := server.Keygen()
	client, err := keygen.New(keygen.Config{
		Account:    world.Account(),
		Credential: keygen.Token(world.Token()),
		HTTPClient: server.Client(), // without it, the client speaks to the vendor
	})
	if err != nil {
		log.Fatal(err)
	}
	policy := world.AddPolicy(keygenmock.Policy{Name: "beta", Pooled: true, Duration: 14 * 24 * time.Hour})
	for _, key := range keys {
		world.AddKey(keygenmock.Key{Key: key, PolicyID: policy.ID})
	}
	return client, server, policy.ID
}

// A license is drawn from the pool of a policy.
func Example() {
	client, _, policyID := newShop("BETA-0001", "BETA-0002")
	license, err := client.Licenses.Create(context.Background(), keygen.CreateLicenseParams{
		PolicyID: policyID,
		Name:     "order 1042",
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(license.Name, "got", license.Key, "until", license.ExpiresAt.Format(time.DateOnly))
	// Output: order 1042 got BETA-0002 until 2026-01-15
}

// Every fault of a configuration is reported at once.
func ExampleNew() {
	_, err := keygen.New(keygen.Config{Account: "Acme Inc.", BaseURL: "ftp://example.com"})
	fmt.Println(err)
	// Output:
	// keygen: BaseURL must begin with https:// and a host
	// Account is neither an id (a UUID) nor a slug, which has lower-case letters, digits and dashes: found 'A'
	// Credential is missing: make one with keygen.Token or keygen.LicenseKey
}

// The answer to Create is lost after the vendor has stored the key. The repeat
// finds the string taken, and Create finds out that it was its own doing.
func ExampleKeysService_Create_lostAnswer() {
	client, server, policyID := newShop()
	server.Inject(mockserver.Fault{Op: keygenmock.OpCreateKey, Phase: mockserver.AfterCommit, Do: mockserver.ConnReset(), Times: 1})

	key, err := client.Keys.Create(context.Background(), keygen.CreateKeyParams{Key: "BETA-0001", PolicyID: policyID})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(key.Key, "is the only one:", len(server.Keygen().Keys()) == 1)
	// Output: BETA-0001 is the only one: true
}

// A string can be in the account only once.
func ExampleKeysService_Create_taken() {
	client, _, policyID := newShop("BETA-0001")
	_, err := client.Keys.Create(context.Background(), keygen.CreateKeyParams{Key: "BETA-0001", PolicyID: policyID})
	var e *keygen.Error
	if errors.Is(err, keygen.ErrKeyTaken) && errors.As(err, &e) {
		fmt.Println(e.Code, "at", e.Errors[0].Pointer)
		fmt.Println(e.Fields[0])
	}
	// Output:
	// KEY_TAKEN at /data/attributes/key
	// Key: has already been taken
}

// Whether a key is still to be had. Once it was popped, or drawn for a license,
// the vendor does not find it any more.
func ExampleKeysService_Get() {
	ctx := context.Background()
	client, server, policyID := newShop("BETA-0001")
	id := server.Keygen().Pool(policyID)[0].ID
	for range 2 {
		key, err := client.Keys.Get(ctx, id)
		switch {
		case errors.Is(err, keygen.ErrNotFound):
			fmt.Println("sold")
		case err != nil:
			log.Fatal(err)
		default:
			fmt.Println(key.Key, "is in the pool")
		}
		if _, err := client.Pool(policyID).Pop(ctx); err != nil && !errors.Is(err, keygen.ErrPoolEmpty) {
			log.Fatal(err)
		}
	}
	// Output:
	// BETA-0001 is in the pool
	// sold
}

// A list of one page after the other, say for a website that keeps the cursor
// in its links.
func ExampleKeysService_List() {
	ctx := context.Background()
	client, _, policyID := newShop("BETA-0001", "BETA-0002", "BETA-0003")
	params := keygen.ListKeysParams{PolicyID: policyID, PageSize: 2, Cursor: keygen.Set("")}
	for {
		page, err := client.Keys.List(ctx, params)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("page of", len(page.Items))
		if page.Next == "" {
			break
		}
		params.Cursor = keygen.Set(page.Next)
	}
	// Output:
	// page of 2
	// page of 1
}

// The keys of one policy, in the order in which they were put there.
func ExampleKeysService_All() {
	client, _, policyID := newShop("BETA-0001", "BETA-0002", "BETA-0003")
	for key, err := range client.Keys.All(context.Background(), keygen.ListKeysParams{PolicyID: policyID, Order: keygen.OldestFirst}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(key.Key)
	}
	// Output:
	// BETA-0001
	// BETA-0002
	// BETA-0003
}

// A key was mistyped: the last character is the digit 1, and not the letter.
func ExampleKeysService_Update() {
	ctx := context.Background()
	client, _, policyID := newShop("BETA-000l")
	page, err := client.Pool(policyID).List(ctx, keygen.ListPoolParams{Limit: 1})
	if err != nil {
		log.Fatal(err)
	}
	key, err := client.Keys.Update(ctx, page.Items[0].ID, keygen.UpdateKeyParams{Key: "BETA-0001"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(key.Key)
	// Output: BETA-0001
}

// A key was put into the wrong pool. Its string can be used again at once.
func ExampleKeysService_Delete() {
	ctx := context.Background()
	client, server, policyID := newShop("GOLD-0001")
	gold := server.Keygen().AddPolicy(keygenmock.Policy{Name: "gold", Pooled: true})
	if err := client.Keys.Delete(ctx, server.Keygen().Pool(policyID)[0].ID); err != nil {
		log.Fatal(err)
	}
	key, err := client.Keys.Create(ctx, keygen.CreateKeyParams{Key: "GOLD-0001", PolicyID: gold.ID})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(key.Key, "is in the pool of gold:", key.PolicyID == gold.ID)
	// Output: GOLD-0001 is in the pool of gold: true
}

// What a license will be like that is drawn with this key.
func ExampleKeysService_Policy() {
	client, server, policyID := newShop("BETA-0001")
	policy, err := client.Keys.Policy(context.Background(), server.Keygen().Pool(policyID)[0].ID)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(policy.Name, "licenses last", policy.Duration)
	// Output: beta licenses last 336h0m0s
}

// What the key is for.
func ExampleKeysService_Product() {
	client, server, _ := newShop()
	world := server.Keygen()
	game := world.AddProduct(keygenmock.Product{Name: "Game", Code: "game"})
	policy := world.AddPolicy(keygenmock.Policy{ProductID: game.ID, Pooled: true})
	key := world.AddKey(keygenmock.Key{Key: "GAME-0001", PolicyID: policy.ID})

	product, err := client.Keys.Product(context.Background(), key.ID)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(key.Key, "is for", product.Name)
	// Output: GAME-0001 is for Game
}

// Whether a key belongs to the pool that a promotion draws from.
func ExamplePool_Get() {
	ctx := context.Background()
	client, server, policyID := newShop("BETA-0001")
	key := server.Keygen().Pool(policyID)[0]
	other := server.Keygen().AddPolicy(keygenmock.Policy{Name: "gold", Pooled: true})
	for _, id := range []string{policyID, other.ID} {
		_, err := client.Pool(id).Get(ctx, key.ID)
		if err != nil && !errors.Is(err, keygen.ErrNotFound) {
			log.Fatal(err)
		}
		fmt.Println(err == nil)
	}
	// Output:
	// true
	// false
}

// A warning before the pool runs dry: no more than a few keys are asked for.
func ExamplePool_List() {
	client, _, policyID := newShop("BETA-0001", "BETA-0002")
	page, err := client.Pool(policyID).List(context.Background(), keygen.ListPoolParams{Limit: 10})
	if err != nil {
		log.Fatal(err)
	}
	if len(page.Items) < 10 {
		fmt.Println("only", len(page.Items), "keys left: put more in")
	}
	// Output: only 2 keys left: put more in
}

// The stock of a pool, for the books.
func ExamplePool_All() {
	client, _, policyID := newShop("BETA-0001", "BETA-0002")
	for key, err := range client.Pool(policyID).All(context.Background(), keygen.ListPoolParams{Order: keygen.OldestFirst}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(key.Key, "since", key.CreatedAt.Format(time.DateOnly))
	}
	// Output:
	// BETA-0001 since 2026-01-01
	// BETA-0002 since 2026-01-01
}

// Pop takes a key out of the pool until there is none.
func ExamplePool_Pop() {
	ctx := context.Background()
	client, _, policyID := newShop("BETA-0001")
	pool := client.Pool(policyID)
	for {
		key, err := pool.Pop(ctx)
		if errors.Is(err, keygen.ErrPoolEmpty) {
			fmt.Println("sold out")
			break
		}
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("sold", key.Key)
	}
	// Output:
	// sold BETA-0001
	// sold out
}

// The answer to Pop is lost. Which key was it? A list from before the call
// tells, as long as nobody else takes keys out of this pool.
func ExamplePool_Pop_unknownOutcome() {
	ctx := context.Background()
	client, server, policyID := newShop("BETA-0001", "BETA-0002")
	server.Inject(mockserver.Fault{Op: keygenmock.OpPopPool, Phase: mockserver.AfterCommit, Do: mockserver.ConnReset(), Times: 1})
	pool := client.Pool(policyID)

	missing := map[string]string{} // keys by their ids
	for key, err := range pool.All(ctx, keygen.ListPoolParams{}) {
		if err != nil {
			log.Fatal(err)
		}
		missing[key.ID] = key.Key
	}
	_, err := pool.Pop(ctx)
	var e *keygen.Error
	if errors.As(err, &e) && e.Outcome != keygen.OutcomeNotApplied {
		fmt.Println("outcome:", e.Outcome)
		for key, err := range pool.All(ctx, keygen.ListPoolParams{}) {
			if err != nil {
				log.Fatal(err)
			}
			delete(missing, key.ID)
		}
	}
	for _, key := range missing {
		fmt.Println("popped:", key)
	}
	// Output:
	// outcome: unknown
	// popped: BETA-0002
}

// The answer to Create is lost after a key was drawn. The id that Create gave
// to the license finds it again: the key is not lost, and no second one drawn.
func ExampleLicensesService_Create_lostAnswer() {
	client, server, policyID := newShop("BETA-0001", "BETA-0002")
	server.Inject(mockserver.Fault{Op: keygenmock.OpCreateLicense, Phase: mockserver.AfterCommit, Do: mockserver.ConnReset(), Times: 1})

	license, err := client.Licenses.Create(context.Background(), keygen.CreateLicenseParams{PolicyID: policyID})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(license.Key, "drawn, keys left:", len(server.Keygen().Pool(policyID)))
	// Output: BETA-0002 drawn, keys left: 1
}

// The answer is lost, and the license is not there at once, since the vendor is
// still at work. The error has the id to look for later.
func ExampleLicensesService_Create_unknownOutcome() {
	ctx := context.Background()
	client, server, policyID := newShop("BETA-0001")
	server.Inject(mockserver.Fault{Op: keygenmock.OpCreateLicense, Phase: mockserver.AfterCommit, Do: mockserver.ConnReset(), Times: 1})
	server.Inject(mockserver.Fault{Op: keygenmock.OpGetLicense, Phase: mockserver.BeforeCommit, Do: mockserver.Status(http.StatusNotFound), Times: 1})

	license, err := client.Licenses.Create(ctx, keygen.CreateLicenseParams{PolicyID: policyID})
	var e *keygen.Error
	if errors.As(err, &e) && e.Outcome != keygen.OutcomeNotApplied {
		fmt.Println("outcome:", e.Outcome)
		license, err = client.Licenses.Get(ctx, e.LicenseID) // a minute later
	}
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(license.Key)
	// Output:
	// outcome: unknown
	// BETA-0001
}

// A customer writes in with a key, which finds the license as its id does.
func ExampleLicensesService_Get() {
	ctx := context.Background()
	client, server, policyID := newShop("BETA-0001")
	if _, err := client.Licenses.Create(ctx, keygen.CreateLicenseParams{PolicyID: policyID, Name: "order 1042"}); err != nil {
		log.Fatal(err)
	}
	server.Advance(20 * 24 * time.Hour)

	license, err := client.Licenses.Get(ctx, "BETA-0001")
	switch {
	case errors.Is(err, keygen.ErrNotFound):
		fmt.Println("no license has this key: it was not sold yet, or it is none of ours")
	case err != nil:
		log.Fatal(err)
	default:
		fmt.Println(license.Name, "is", license.Status, "since", license.ExpiresAt.Format(time.DateOnly))
	}
	// Output: order 1042 is EXPIRED since 2026-01-15
}

// The first licenses of a product, for a glance. A Limit without a page asks for
// no more than that.
func ExampleLicensesService_List() {
	ctx := context.Background()
	client, _, policyID := newShop("BETA-0001", "BETA-0002", "BETA-0003")
	for range 3 {
		if _, err := client.Licenses.Create(ctx, keygen.CreateLicenseParams{PolicyID: policyID}); err != nil {
			log.Fatal(err)
		}
	}
	page, err := client.Licenses.List(ctx, keygen.ListLicensesParams{PolicyID: policyID, Limit: 2})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(page.Items), "licenses")
	// Output: 2 licenses
}

// Who is to be told that the license ends soon?
func ExampleLicensesService_All() {
	ctx := context.Background()
	client, server, policyID := newShop("BETA-0001", "BETA-0002")
	for _, order := range []string{"order 1042", "order 1043"} {
		if _, err := client.Licenses.Create(ctx, keygen.CreateLicenseParams{PolicyID: policyID, Name: order}); err != nil {
			log.Fatal(err)
		}
		server.Advance(5 * 24 * time.Hour)
	}
	soon := server.Now().AddDate(0, 0, 7)
	for license, err := range client.Licenses.All(ctx, keygen.ListLicensesParams{PolicyID: policyID}) {
		if err != nil {
			log.Fatal(err)
		}
		if license.ExpiresAt.Before(soon) {
			fmt.Println(license.Name, "ends on", license.ExpiresAt.Format(time.DateOnly))
		}
	}
	// Output: order 1042 ends on 2026-01-15
}

// The customer has got the money back. The key does not go back into the pool.
func ExampleLicensesService_Delete() {
	ctx := context.Background()
	client, server, policyID := newShop("BETA-0001")
	license, err := client.Licenses.Create(ctx, keygen.CreateLicenseParams{PolicyID: policyID})
	if err != nil {
		log.Fatal(err)
	}
	if err := client.Licenses.Delete(ctx, license.ID); err != nil {
		log.Fatal(err)
	}
	fmt.Println("licenses:", len(server.Keygen().Licenses()), "keys:", len(server.Keygen().Pool(policyID)))
	// Output: licenses: 0 keys: 0
}

// A product with a policy that has a pool, and keys in it.
func ExamplePoliciesService_Create() {
	ctx := context.Background()
	client, server, _ := newShop()
	product, err := client.Products.Create(ctx, keygen.CreateProductParams{Name: "App", Code: "app"})
	if err != nil {
		log.Fatal(err)
	}
	policy, err := client.Policies.Create(ctx, keygen.CreatePolicyParams{Name: "Launch", ProductID: product.ID, UsePool: true})
	if err != nil {
		log.Fatal(err)
	}
	for n := range 3 {
		_, err := client.Keys.Create(ctx, keygen.CreateKeyParams{Key: fmt.Sprintf("LAUNCH-%04d", n+1), PolicyID: policy.ID})
		if err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println(policy.Name, "has", len(server.Keygen().Pool(policy.ID)), "keys")
	// Output: Launch has 3 keys
}

// The answer to Create is lost. The name tells, if no other policy of the product
// has it.
func ExamplePoliciesService_Create_unknownOutcome() {
	ctx := context.Background()
	client, server, _ := newShop()
	game := server.Keygen().AddProduct(keygenmock.Product{Name: "Game"})
	server.Inject(mockserver.Fault{Op: keygenmock.OpCreatePolicy, Phase: mockserver.AfterCommit, Do: mockserver.ConnReset(), Times: 1})

	params := keygen.CreatePolicyParams{Name: "gold 2026", ProductID: game.ID, UsePool: true}
	policy, err := client.Policies.Create(ctx, params)
	if errors.Is(err, keygen.ErrUnknownOutcome) {
		for found, listErr := range client.Policies.All(ctx, keygen.ListPoliciesParams{ProductID: game.ID}) {
			if listErr != nil {
				log.Fatal(listErr) // still not known: look again later
			}
			if found.Name == params.Name {
				policy, err = found, nil
			}
		}
		if policy == nil {
			policy, err = client.Policies.Create(ctx, params) // there is none, so this is safe
		}
	}
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(policy.Name, "is there")
	// Output: gold 2026 is there
}

// Whether a policy has a pool must be right from the start: it cannot be given
// one later.
func ExamplePoliciesService_Get() {
	client, _, policyID := newShop()
	policy, err := client.Policies.Get(context.Background(), policyID)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(policy.Name, "has a pool:", policy.UsePool)
	// Output: beta has a pool: true
}

// What the numbered pages of a list say about the whole.
func ExamplePoliciesService_List() {
	client, server, _ := newShop()
	for _, name := range []string{"gold", "silver"} {
		server.Keygen().AddPolicy(keygenmock.Policy{Name: name})
	}
	page, err := client.Policies.List(context.Background(), keygen.ListPoliciesParams{Page: 1, PageSize: 2})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(page.Items), "of", page.Count, "policies on the first of", page.Pages, "pages")
	// Output: 2 of 3 policies on the first of 2 pages
}

// A policy is found by its name only by looking at all of a product's.
func ExamplePoliciesService_All() {
	client, server, _ := newShop()
	game := server.Keygen().AddProduct(keygenmock.Product{Name: "Game"})
	server.Keygen().AddPolicy(keygenmock.Policy{ProductID: game.ID, Name: "gold", Duration: 365 * 24 * time.Hour})
	server.Keygen().AddPolicy(keygenmock.Policy{ProductID: game.ID, Name: "trial", Duration: 7 * 24 * time.Hour})

	for policy, err := range client.Policies.All(context.Background(), keygen.ListPoliciesParams{ProductID: game.ID}) {
		if err != nil {
			log.Fatal(err)
		}
		if policy.Name == "gold" {
			fmt.Println(policy.Name, "lasts", policy.Duration)
			break // no further page is fetched
		}
	}
	// Output: gold lasts 8760h0m0s
}

// Deleting a policy empties its pool and ends its licenses. Look before you do.
func ExamplePoliciesService_Delete() {
	ctx := context.Background()
	client, server, policyID := newShop("BETA-0001")
	for license, err := range client.Licenses.All(ctx, keygen.ListLicensesParams{PolicyID: policyID}) {
		if err != nil {
			log.Fatal(err)
		}
		log.Fatal("still used by ", license.Name)
	}
	if err := client.Policies.Delete(ctx, policyID); err != nil {
		log.Fatal(err)
	}
	fmt.Println("keys left:", len(server.Keygen().Keys()))
	// Output: keys left: 0
}

// With a Code of its own, a product can be found again, also after a lost
// answer.
func ExampleProductsService_Create() {
	client, _, _ := newShop()
	product, err := client.Products.Create(context.Background(), keygen.CreateProductParams{
		Name:      "Game",
		Code:      "game",
		Platforms: []string{"windows", "linux"},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(product.Name, product.Code, product.Platforms)
	// Output: Game game [windows linux]
}

// The answer to Create is lost before the vendor did anything. The code tells.
func ExampleProductsService_Create_unknownOutcome() {
	ctx := context.Background()
	client, server, _ := newShop()
	server.Inject(mockserver.Fault{Op: keygenmock.OpCreateProduct, Phase: mockserver.BeforeCommit, Do: mockserver.ConnReset(), Times: 1})

	params := keygen.CreateProductParams{Name: "Game", Code: "game"}
	product, err := client.Products.Create(ctx, params)
	if errors.Is(err, keygen.ErrUnknownOutcome) {
		product, err = client.Products.Get(ctx, params.Code)
		if errors.Is(err, keygen.ErrNotFound) { // a minute later still
			fmt.Println("not there, so create it")
			product, err = client.Products.Create(ctx, params)
		}
	}
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(product.Name)
	// Output:
	// not there, so create it
	// Game
}

// A program that is set up anew gets its product by the code, and creates it if
// there is none.
func ExampleProductsService_Get() {
	ctx := context.Background()
	client, _, _ := newShop()
	for range 2 {
		product, err := client.Products.Get(ctx, "game")
		if errors.Is(err, keygen.ErrNotFound) {
			fmt.Println("none yet")
			product, err = client.Products.Create(ctx, keygen.CreateProductParams{Name: "Game", Code: "game"})
		}
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("ready:", product.Name)
	}
	// Output:
	// none yet
	// ready: Game
	// ready: Game
}

// A product's token sees and changes what belongs to the product.
func ExampleProductsService_CreateToken() {
	ctx := context.Background()
	client, server, _ := newShop()
	product, err := client.Products.Create(ctx, keygen.CreateProductParams{Name: "App"})
	if err != nil {
		log.Fatal(err)
	}
	token, err := client.Products.CreateToken(ctx, product.ID)
	if err != nil {
		log.Fatal(err)
	}
	shop, err := keygen.New(keygen.Config{Account: server.Keygen().Account(), Credential: keygen.Token(token.Token), HTTPClient: server.Client()})
	if err != nil {
		log.Fatal(err)
	}
	_, err = shop.Products.Create(ctx, keygen.CreateProductParams{Name: "Another"})
	fmt.Println(token.Kind, "may create products:", !errors.Is(err, keygen.ErrForbidden))
	// Output: product-token may create products: false
}

// The answer to CreateToken is lost, and with it the secret. Nobody can use that
// token: make another, and let somebody revoke it.
func ExampleProductsService_CreateToken_unknownOutcome() {
	ctx := context.Background()
	client, server, _ := newShop()
	game := server.Keygen().AddProduct(keygenmock.Product{Name: "Game"})
	server.Inject(mockserver.Fault{Op: keygenmock.OpCreateProductToken, Phase: mockserver.AfterCommit, Do: mockserver.ConnReset(), Times: 1})

	token, err := client.Products.CreateToken(ctx, game.ID)
	if errors.Is(err, keygen.ErrUnknownOutcome) {
		fmt.Println("revoke in the dashboard: a token of", game.Name, "made at", server.Now().Format(time.DateTime))
		token, err = client.Products.CreateToken(ctx, game.ID)
	}
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("got another:", token.Token != "")
	// Output:
	// revoke in the dashboard: a token of Game made at 2026-01-01 09:00:00
	// got another: true
}

// Arguments are checked before anything is sent, all of them at once.
func ExampleError() {
	client, _, _ := newShop()
	_, err := client.Policies.Create(context.Background(), keygen.CreatePolicyParams{ProductID: "game", Duration: -time.Hour})
	var e *keygen.Error
	if errors.As(err, &e) {
		for _, field := range e.Fields {
			fmt.Println(field)
		}
		fmt.Println("attempts:", e.Attempts)
	}
	// Output:
	// Name: a name is required that is not blank
	// ProductID: not an id, which is a UUID such as 6e936a61-94ad-44d1-88ac-88da9f10eca7
	// Duration: -1h0m0s is negative
	// attempts: 0
}

// With the account's public key, an answer that somebody has changed on the
// way is refused.
func ExampleConfig_signatures() {
	server := mockserver.New(mockserver.WithStart(opening))
	world := server.Keygen()
	key := world.AddKey(keygenmock.Key{Key: "BETA-0001"})
	config := keygen.Config{
		Account:    world.Account(),
		Credential: keygen.Token(world.Token()),
		HTTPClient: server.Client(),
		PublicKey:  world.PublicKey(keygenmock.Ed25519), // the dashboard shows it
		Now:        server.Now,                          // in tests only: the mock has a clock of its own
	}
	for _, changed := range []bool{false, true} {
		if changed {
			config.HTTPClient = &http.Client{Transport: forger{server.Client().Transport}}
		}
		client, err := keygen.New(config)
		if err != nil {
			log.Fatal(err)
		}
		_, err = client.Keys.Get(context.Background(), key.ID)
		fmt.Println("refused:", errors.Is(err, keygen.ErrSignature))
	}
	// Output:
	// refused: false
	// refused: true
}

// forger changes the date that answers were signed at.
type forger struct{ next http.RoundTripper }

func (f forger) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := f.next.RoundTrip(req)
	if err == nil {
		resp.Header.Set("Keygen-Date", strings.Replace(resp.Header.Get("Keygen-Date"), "2026", "2025", 1))
	}
	return resp, err
}

// Metrics of calls, and how near the rate limit is.
func ExampleRateLimitOf() {
	server := mockserver.New(mockserver.WithStart(opening))
	world := server.Keygen()
	world.SetRateLimit(keygenmock.RateWindow{Limit: 60, Per: time.Minute})
	client, err := keygen.New(keygen.Config{
		Account: world.Account(), Credential: keygen.Token(world.Token()), HTTPClient: server.Client(),
		OnAttempt: func(_ context.Context, a keygen.Attempt) {
			if limit, ok := keygen.RateLimitOf(a); ok {
				fmt.Println(a.Op, a.StatusCode, "leaves", limit.Remaining, "of", limit.Limit, "calls in", limit.Window)
			}
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	_, err = client.Keys.List(context.Background(), keygen.ListKeysParams{})
	if err != nil {
		log.Fatal(err)
	}
	// Output: listKeys 200 leaves 59 of 60 calls in 1m0s
}

package conformance

import (
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/keysmith-go/keysmith/junkie"
	"github.com/keysmith-go/keysmith/keycrate"
	"github.com/keysmith-go/keysmith/keygen"
	"github.com/keysmith-go/keysmith/luaprot"
)

// The probes of this file put the clients themselves to the test: whether they
// understand what the vendor answers, whatever other probes find in it.

var junkieClientProbe = junkieProbe("the client, through its operations", func(a junkieAsker) {
	client, err := junkie.New(junkie.Config{APIKey: a.set["API_KEY"], BaseURL: a.set["BASE_URL"], HTTPClient: a.client()})
	a.must(err)
	provider, _ := strconv.ParseInt(a.set["PROVIDER_ID"], 10, 64)
	name, device := a.estate.mark(), a.estate.mark()
	made, err := client.Keys.Create(a.ctx, junkie.CreateKeyParams{ProviderID: provider, Name: name, Validity: time.Hour, HWIDLimit: 2, HWIDs: []string{device}})
	a.must(err)
	a.see("create.answer", "create", []any{made.Name == name, made.ProviderID == provider, made.Validity, made.HWIDLimit, made.ExpiresAt.Sub(made.CreatedAt).Round(time.Second)})
	a.see("create.hwid", "its device", []any{len(made.HWIDs) == 1 && made.HWIDs[0].Value == device, !made.CreatedAt.IsZero()})
	got, err := client.Keys.Get(a.ctx, junkie.Value(made.Value))
	a.must(err)
	a.see("get.answer ref.either", "get by value", got.ID == made.ID && got.Value == made.Value)
	page, err := client.Keys.List(a.ctx, junkie.ListKeysParams{HWIDContains: device, Status: junkie.StatusActive})
	a.must(err)
	a.see("list.answer", "list", []any{len(page.Keys) == 1 && page.Keys[0].ID == made.ID, page.Page, page.Limit, page.Total, page.TotalPages})
	changed, err := client.Keys.Update(a.ctx, made.Ref(), junkie.UpdateKeyParams{Premium: junkie.Set(true), HWIDLimit: junkie.Null[int]()})
	a.must(err)
	a.see("update.answer", "update", changed != nil)
	a.must(client.Keys.ResetHWIDs(a.ctx, made.Ref()))
	got, err = client.Keys.Get(a.ctx, made.Ref())
	a.must(err)
	a.see("reset.answer", "reset", []any{len(got.HWIDs), got.Premium, got.HWIDLimit})
	batch, err := client.Keys.CreateBatch(a.ctx, junkie.CreateBatchParams{Amount: 2, ProviderID: provider, Name: a.estate.mark()})
	a.must(err)
	a.see("batch.answer", "a batch", []int{len(batch.Values), batch.Count})
	refs := []junkie.KeyRef{made.Ref()}
	for _, value := range batch.Values {
		refs = append(refs, junkie.Value(value))
	}
	deleted, err := client.Keys.BulkDelete(a.ctx, refs[1:])
	a.must(err)
	a.see("bulk.answer", "a bulk delete", []int{deleted.Requested, deleted.Deleted})
	_, err = client.Keys.Folders(a.ctx)
	a.must(err)
	a.must(client.Keys.Delete(a.ctx, made.Ref()))
	_, err = client.Keys.Get(a.ctx, made.Ref())
	a.see("delete.gone", "delete", isKind(err, junkie.ErrNotFound))
})

// isKind is what an error is: of this kind, or something else.
func isKind(err, kind error) string {
	switch {
	case err == nil:
		return "no error"
	case errors.Is(err, kind):
		return kind.Error()
	default:
		return err.Error()
	}
}

var luaprotClientProbe = luaprotProbe("the client, through its operations", func(a luaprotAsker) {
	client, err := luaprot.New(luaprot.Config{APIKey: a.set["API_KEY"], BaseURL: a.set["BASE_URL"], HTTPClient: a.client(), Pacing: luaprot.NoPacing()}) // the visit paces
	a.must(err)
	hub, user := client.Hub(a.set["HUB_ID"]), a.discord()
	made, err := hub.Add(a.ctx, luaprot.AddKeyParams{DiscordID: user, ExpiresIn: 24 * time.Hour, Note: a.estate.mark()})
	a.must(err)
	a.see("add.answer", "add", []any{made.DiscordID == user, made.HubID == a.set["HUB_ID"], made.ExpiresAt.Sub(made.CreatedAt)})
	got, err := hub.Get(a.ctx, luaprot.ByDiscordID(user))
	a.must(err)
	a.see("info.answer lookup.by", "get by Discord user", got.Value == made.Value && got.Note == made.Note)
	_, err = hub.Add(a.ctx, luaprot.AddKeyParams{DiscordID: user, Note: a.estate.mark()})
	a.see("discord.taken", "a second key for the user", isKind(err, luaprot.ErrAlreadyWhitelisted))
	barred, err := hub.Blacklist(a.ctx, made.Ref(), "r")
	a.must(err)
	a.see("update.answer update.blacklist", "blacklist", []any{barred.Blacklisted, barred.BlacklistReason})
	reset, err := hub.ResetHWID(a.ctx, made.Ref())
	a.must(err)
	a.see("reset.answer", "reset", slices.Equal(reset, []string{made.Value}))
	page, err := client.Keys.List(a.ctx, luaprot.ListKeysParams{DiscordID: user})
	a.must(err)
	a.see("fetch.answer", "list", []any{len(page.Keys) == 1 && page.Keys[0].Value == made.Value, len(page.Keys)})
	values, err := hub.Generate(a.ctx, luaprot.GenerateKeysParams{Amount: 5, Note: a.estate.mark()})
	a.must(err)
	a.see("generate.answer", "generate", len(values))
	a.must(client.Keys.BulkDelete(a.ctx, values))
	a.must(hub.Delete(a.ctx, made.Ref()))
	_, err = hub.Get(a.ctx, made.Ref())
	a.see("not-found.info", "delete", isKind(err, luaprot.ErrNotFound))
})

var keygenClientProbe = keygenProbe("the client, through its operations", func(a keygenAsker) {
	client, err := keygen.New(keygenLiveConfig(a.set, a.client()))
	a.must(err)
	policy, err := client.Policies.Create(a.ctx, keygen.CreatePolicyParams{Name: a.estate.mark(), ProductID: a.set["PRODUCT_ID"], UsePool: true, Duration: 24 * time.Hour})
	a.must(err)
	a.see("policy.created", "a policy", []any{policy.UsePool, policy.Duration})
	text := a.estate.mark()
	key, err := client.Keys.Create(a.ctx, keygen.CreateKeyParams{PolicyID: policy.ID, Key: text})
	a.must(err)
	a.see("key.created", "a key", key.Key == text && key.PolicyID == policy.ID)
	_, err = client.Keys.Create(a.ctx, keygen.CreateKeyParams{PolicyID: policy.ID, Key: text})
	a.see("key.taken", "the same key", isKind(err, keygen.ErrKeyTaken))
	page, err := client.Pool(policy.ID).List(a.ctx, keygen.ListPoolParams{})
	a.must(err)
	a.see("pool.list", "its pool", len(page.Items) == 1 && page.Items[0].ID == key.ID)
	license, err := client.Licenses.Create(a.ctx, keygen.CreateLicenseParams{PolicyID: policy.ID, Name: a.estate.mark()})
	a.must(err)
	a.see("license.drawn", "a license", license.Key == text)
	_, err = client.Pool(policy.ID).Pop(a.ctx)
	a.see("pool.empty", "a pop from the empty pool", isKind(err, keygen.ErrPoolEmpty))
	a.must(client.Licenses.Delete(a.ctx, license.ID))
	_, err = client.Keys.Get(a.ctx, key.ID)
	a.see("error.not-found", "the key that was drawn", isKind(err, keygen.ErrNotFound))
	a.must(client.Policies.Delete(a.ctx, policy.ID))
	_, err = client.Policies.Get(a.ctx, policy.ID)
	a.see("policy.deleted", "the policy", isKind(err, keygen.ErrNotFound))
})

var keycrateClientProbe = keycrateProbe("the client, through its operations", func(a *keycrateAsker) {
	client, err := keycrate.New(keycrate.Config{APIKey: a.set["API_KEY"], BaseURL: a.set["BASE_URL"], HTTPClient: a.client()})
	a.must(err)
	app, err := keycrate.NewApp(keycrate.AppConfig{AppID: a.set["APP_ID"], BaseURL: a.set["BASE_URL"], HTTPClient: a.client()})
	a.must(err)
	sub, err := client.Subscriptions.Create(a.ctx, keycrate.CreateSubscriptionParams{AppID: a.set["APP_ID"], Name: a.estate.mark(), Level: 2})
	a.must(err)
	a.see("subscription.fields", "a subscription", []any{sub.Level, len(sub.Unread)})
	tag, device := a.estate.mark(), a.estate.mark()
	made, err := client.Licenses.Create(a.ctx, keycrate.CreateLicenseParams{AppID: a.set["APP_ID"], SubscriptionID: sub.ID, Duration: keycrate.Days(1), HWIDLock: true, Tags: []string{tag}})
	a.must(err)
	a.see("create.answer", "a license", []any{made.SubscriptionID == sub.ID, made.HWIDLock, made.Granted, made.Unread})
	got, err := client.Licenses.Extend(a.ctx, made.Key, time.Hour)
	a.must(err)
	a.see("update.answer extend.seconds", "extended", got.Granted)
	auth, err := app.Authenticate(a.ctx, keycrate.AuthParams{License: made.Key, HWID: device})
	a.must(err)
	a.see("auth.data auth.binds", "used", []any{auth.Key == made.Key, auth.HWID == device})
	_, err = app.Authenticate(a.ctx, keycrate.AuthParams{License: made.Key, HWID: a.estate.mark()})
	a.see("auth.hwid-mismatch", "used on another device", isKind(err, keycrate.ErrHWIDMismatch))
	page, err := client.Licenses.List(a.ctx, keycrate.ListLicensesParams{AppID: a.set["APP_ID"], Tags: []string{tag}})
	a.must(err)
	a.see("list.data", "list", []any{len(page.Licenses) == 1 && page.Licenses[0].Key == made.Key, page.Total})
	got, err = client.HWIDs.Clear(a.ctx, made.Key)
	a.must(err)
	a.see("hwid-edit.clears", "its device cleared", got.HWID)
	a.must(client.Licenses.Delete(a.ctx, made.Key))
	_, err = client.Licenses.Get(a.ctx, made.Key)
	a.see("error.license", "deleted", isKind(err, keycrate.ErrLicenseNotFound))
	gone, err := client.Subscriptions.Delete(a.ctx, sub.ID)
	a.must(err)
	a.see("subscription.deleted", "its subscription", *gone)
})

package conformance

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keysmith-go/keysmith/keygen"
	"github.com/keysmith-go/keysmith/mockserver/keygenmock"
)

func TestModelOfKeygen(t *testing.T) {
	play(t, newKeygenCast, func(s *story[*keygenCast]) ([]turn, func()) {
		m := &keygenModel{story: s}
		return []turn{
			{1, "create a policy", m.createPolicy}, {1, "delete a policy", m.deletePolicy},
			{6, "create a key", m.createKey}, {3, "update a key", m.updateKey}, {1, "delete a key", m.deleteKey}, {1, "remove a key", m.removeKey},
			{3, "pop", m.pop}, {5, "create a license", m.createLicense}, {1, "delete a license", m.deleteLicense},
			{1, "turn pools round", m.turnPools}, {4, "wait", m.wait}, {3, "log in", m.logIn},
			{3, "look at keys", m.lookAtKeys}, {2, "look at a pool", m.lookAtPool}, {2, "look at licenses", m.lookAtLicenses},
			{2, "look at one", m.lookAtOne}, {1, "look at shares", m.lookAtShares},
		}, m.check
	})
}

// keygenCast are the vendor's world and the clients of an admin and of a product,
// which is called the shop.
type keygenCast struct {
	server   *rig
	world    *keygenmock.World
	admin    *keygen.Client
	shop     *keygen.Client
	token    string // of the shop
	places   names[string]
	keys     names[string]
	licenses names[string]
	made     map[string]bool // texts that the vendor made for licenses
}

func newKeygenCast(r *rig) *keygenCast {
	c := &keygenCast{places: newNames[string](), keys: newNames[string](), licenses: newNames[string](), made: map[string]bool{}}
	for _, name := range []string{"shop", "outlet"} {
		c.places.give(name, r.Keygen.AddProduct(keygenmock.Product{Name: name}).ID)
	}
	c.places.give("nowhere", keygenNowhere)
	c.token = r.Keygen.AddToken(keygenmock.Token{BearerID: c.places.ids["shop"]}).Value
	return c.on(r)
}

// keygenNowhere is an id that nothing has.
const keygenNowhere = "99999999-9999-4999-8999-999999999999"

func (c *keygenCast) on(r *rig) *keygenCast {
	moved := *c
	moved.server, moved.world = r, r.Keygen
	moved.admin, moved.shop = moved.as(keygen.Token(r.Keygen.Token())), moved.as(keygen.Token(c.token))
	return &moved
}

// as is a client with a credential.
func (c *keygenCast) as(credential keygen.Credential) *keygen.Client {
	config := c.server.keygenConfig()
	config.Credential = credential
	client, err := keygen.New(config)
	if err != nil {
		panic(err)
	}
	return client
}

// client is that of the shop or of the admin.
func (c *keygenCast) client(shop bool) *keygen.Client {
	if shop {
		return c.shop
	}
	return c.admin
}

// id is the id of a thing by its name, and that of nothing for what is not known.
func id(n names[string], name string) string {
	if id, known := n.ids[name]; known {
		return id
	}
	return keygenNowhere
}

// text is a text as it is sent: the name of a license stands for its id.
func (c *keygenCast) text(text string) string {
	if id, known := c.licenses.ids[text]; known {
		return id
	}
	return text
}

// said is the reverse of text.
func (c *keygenCast) said(text string) string {
	if name, known := c.licenses.names[text]; known {
		return name
	}
	if c.made[text] {
		return keygenMade
	}
	return text
}

// keygenMade stands for any text that the vendor made.
const keygenMade = "made by the vendor"

// keygenPolicy is what is known of a policy.
type keygenPolicy struct {
	Name, Product    string
	Pooled           bool
	Duration         time.Duration // of its licenses; 0: forever
	ByKey, Revokes   bool          // licenses log in by their keys, and cannot once they have expired
	Created, Updated moment
}

// keygenKey is what is known of a key.
type keygenKey struct {
	Name, Text, Policy, Product string
	Created, Updated            moment
}

// keygenLicense is what is known of a license.
type keygenLicense struct {
	Name, Text, Policy, Product string
	Expires                     moment
	Suspended                   bool
	Created, Updated            moment
}

// shown is a time as answers show it, to the millisecond.
func shown(t time.Time) moment { return momentOf(t).down(time.Millisecond) }

func (c *keygenCast) state() (all []any) {
	products := map[string]string{}
	for _, p := range c.world.Default().Policies() {
		products[p.ID] = c.places.of(p.ProductID)
		all = append(all, keygenPolicy{
			Name: c.places.of(p.ID), Product: c.places.of(p.ProductID), Pooled: p.Pooled, Duration: p.Duration,
			ByKey: p.AuthenticationStrategy == keygenmock.AuthLicense, Revokes: p.ExpirationStrategy == keygenmock.RevokeAccess,
			Created: shown(p.Created), Updated: shown(p.Updated),
		})
	}
	for _, k := range c.world.Keys() {
		all = append(all, keygenKey{c.keys.of(k.ID), c.said(k.Key), c.places.of(k.PolicyID), products[k.PolicyID], shown(k.Created), shown(k.Updated)})
	}
	for _, l := range c.world.Licenses() {
		all = append(all, keygenLicense{
			c.licenses.of(l.ID), c.said(l.Key), c.places.of(l.PolicyID), products[l.PolicyID],
			shown(l.Expiry), l.Suspended, shown(l.Created), shown(l.Updated),
		})
	}
	return all
}

func (c *keygenCast) keyInShop(k *keygen.Key) keygenKey {
	return keygenKey{c.keys.of(k.ID), c.said(k.Key), c.places.of(k.PolicyID), c.places.of(k.ProductID), momentOf(k.CreatedAt), momentOf(k.UpdatedAt)}
}

func (c *keygenCast) policyInShop(p *keygen.Policy) keygenPolicy {
	return keygenPolicy{
		Name: c.places.of(p.ID), Product: c.places.of(p.ProductID), Pooled: p.UsePool, Duration: p.Duration,
		ByKey:   p.AuthenticationStrategy == keygen.AuthenticateByLicense,
		Revokes: p.ExpirationStrategy == keygen.ExpirationRevokesAccess, Created: momentOf(p.CreatedAt), Updated: momentOf(p.UpdatedAt),
	}
}

func (c *keygenCast) licenseInShop(l *keygen.License) keygenLicense {
	return keygenLicense{
		c.licenses.of(l.ID), c.said(l.Key), c.places.of(l.PolicyID), c.places.of(l.ProductID),
		momentOf(l.ExpiresAt), l.Suspended, momentOf(l.CreatedAt), momentOf(l.UpdatedAt),
	}
}

// keygenModel are the vendor's rules.
type keygenModel struct {
	*story[*keygenCast]
	policies     []*keygenPolicy // oldest first, as all that follows
	keys         []*keygenKey
	licenses     []*keygenLicense
	gonePolicies []string
	goneKeys     []string
	goneLicenses []string
	oldestFirst  bool // pools give away
}

// The rules.

func (m *keygenModel) policy(name string) *keygenPolicy {
	return findIn(m.policies, func(p *keygenPolicy) bool { return p.Name == name })
}

func (m *keygenModel) key(name string) *keygenKey {
	return findIn(m.keys, func(k *keygenKey) bool { return k.Name == name })
}

func (m *keygenModel) license(name string) *keygenLicense {
	return findIn(m.licenses, func(l *keygenLicense) bool { return l.Name == name })
}

// addressed is the license that an id leads to: that of its license, or another
// one that has it for its key.
func (m *keygenModel) addressed(name string) *keygenLicense {
	if l := m.license(name); l != nil {
		return l
	}
	return findIn(m.licenses, func(l *keygenLicense) bool { return l.Text == name })
}

// licensed reports whether a license has a text for its key.
func (m *keygenModel) licensed(text string) bool {
	return slices.ContainsFunc(m.licenses, func(l *keygenLicense) bool { return l.Text == text })
}

// wrong is what is wrong with the text of a key.
func (m *keygenModel) wrong(text string, of *keygenKey) (errs every) {
	if slices.ContainsFunc(m.keys, func(k *keygenKey) bool { return k != of && k.Text == text }) {
		errs = append(errs, keygen.ErrKeyTaken)
	}
	if m.licensed(text) || m.license(text) != nil {
		errs = append(errs, keygen.ErrKeyConflict)
	}
	return errs
}

// pool are the keys of a policy, those first that leave it first.
func (m *keygenModel) pool(policy string) []*keygenKey {
	pool := slices.DeleteFunc(slices.Clone(m.keys), func(k *keygenKey) bool { return k.Policy != policy })
	if !m.oldestFirst {
		slices.Reverse(pool)
	}
	return pool
}

func (m *keygenModel) dropKey(gone *keygenKey) {
	m.keys = slices.DeleteFunc(m.keys, func(k *keygenKey) bool { return k == gone })
	m.goneKeys = append(m.goneKeys, gone.Name)
}

func (m *keygenModel) dropLicense(gone *keygenLicense) {
	m.licenses = slices.DeleteFunc(m.licenses, func(l *keygenLicense) bool { return l == gone })
	m.goneLicenses = append(m.goneLicenses, gone.Name)
}

// hidden is how a call about a thing fails that does not exist, or that the shop
// does not see.
func hidden(product string, shop bool) error {
	if product == "" || shop && product != "shop" {
		return keygen.ErrNotFound
	}
	return nil
}

// productOf is the product of a policy, and empty if there is no such policy.
func (m *keygenModel) productOf(policy string) string {
	if p := m.policy(policy); p != nil {
		return p.Product
	}
	return ""
}

// What happens.

// caller draws who calls.
func (m *keygenModel) caller() (shop bool) {
	return pick(m.story, "the shop calls", false, false, true)
}

// somePolicy draws the name of a policy, rarely of one that is no more. If there
// is none yet, it lets one be created.
func (m *keygenModel) somePolicy() string {
	if len(m.policies) == 0 && often(m.story, "first create one") {
		m.createPolicy()
	}
	if len(m.policies) > 0 && often(m.story, "there is such a policy") {
		return pick(m.story, "policy", m.policies...).Name
	}
	return pick(m.story, "policy", append([]string{"nowhere"}, m.gonePolicies...)...)
}

// someKey is somePolicy for keys.
func (m *keygenModel) someKey() string {
	if len(m.keys) == 0 && often(m.story, "first create one") {
		m.createKey()
	}
	if len(m.keys) > 0 && often(m.story, "there is such a key") {
		return pick(m.story, "key", m.keys...).Name
	}
	return pick(m.story, "key", append([]string{"nobody's key"}, m.goneKeys...)...)
}

// someLicense is somePolicy for licenses.
func (m *keygenModel) someLicense() string {
	if len(m.licenses) == 0 && often(m.story, "first create one") {
		m.createLicense()
	}
	if len(m.licenses) > 0 && often(m.story, "there is such a license") {
		return pick(m.story, "license", m.licenses...).Name
	}
	return pick(m.story, "license", append([]string{"nobody's license"}, m.goneLicenses...)...)
}

// someText draws a text of a few, so that many meet. The name of a license stands
// for its id.
func (m *keygenModel) someText() string {
	texts := []string{"KEY-AAAA-1", "KEY-BBBB-2", "KEY-CCCC-3", "key-aaaa-1", "KEY-DDDD-4", "KEY-EEEE-5", "KEY-FFFF-6"}
	if !often(m.story, "any text") {
		texts = append([]string{"seven77"}, m.goneLicenses...)
		for _, l := range m.licenses {
			texts = append(texts, l.Name)
		}
	}
	return pick(m.story, "text", texts...)
}

func (m *keygenModel) createPolicy() {
	s, shop := m.story, m.caller()
	p := keygenPolicy{
		Name: m.name("policy"), Product: pick(s, "product", "shop", "shop", "outlet"), Pooled: often(s, "pooled"),
		Duration: pick(s, "duration", 0, time.Hour, 24*time.Hour), ByKey: pick(s, "by key", true, false), Revokes: pick(s, "revokes", true, false),
		Created: s.now.down(time.Millisecond), Updated: s.now.down(time.Millisecond),
	}
	if !often(s, "product exists") {
		p.Product = "nowhere"
	}
	var want error
	switch {
	case shop && p.Product != "shop":
		want = keygen.ErrForbidden
	case p.Product == "nowhere":
		want = keygen.ErrInvalid
	}
	done := m.act(want, func(c *keygenCast) error {
		params := keygen.CreatePolicyParams{Name: p.Name, ProductID: c.places.ids[p.Product], UsePool: p.Pooled, Duration: p.Duration}
		if p.ByKey {
			params.AuthenticationStrategy = keygen.AuthenticateByLicense
		}
		if p.Revokes {
			params.ExpirationStrategy = keygen.ExpirationRevokesAccess
		}
		made, err := c.client(shop).Policies.Create(m.Context(), params)
		if err == nil {
			c.places.give(p.Name, made.ID)
			agreeOn(s, "the new policy as it was answered", p, c.policyInShop(made))
		}
		return err
	}, "create %s, the shop calls: %v", brief(p), shop)
	if done {
		added := p // the deed keeps p as it was
		m.policies = append(m.policies, &added)
	}
}

// deletePolicy takes the keys and licenses of a policy along.
func (m *keygenModel) deletePolicy() {
	name, shop := m.somePolicy(), m.caller()
	done := m.act(hidden(m.productOf(name), shop), func(c *keygenCast) error {
		return c.client(shop).Policies.Delete(m.Context(), id(c.places, name))
	}, "delete %s, the shop calls: %v", name, shop)
	if !done {
		return
	}
	m.policies = slices.DeleteFunc(m.policies, func(p *keygenPolicy) bool { return p.Name == name })
	m.gonePolicies = append(m.gonePolicies, name)
	for _, k := range slices.Clone(m.keys) {
		if k.Policy == name {
			m.dropKey(k)
		}
	}
	for _, l := range slices.Clone(m.licenses) {
		if l.Policy == name {
			m.dropLicense(l)
		}
	}
}

func (m *keygenModel) createKey() {
	policy, shop, text := m.somePolicy(), m.caller(), m.someText()
	created := m.now.down(time.Millisecond)
	k := keygenKey{Name: m.name("key"), Text: text, Policy: policy, Product: m.productOf(policy), Created: created, Updated: created}
	wrong := m.wrong(text, nil)
	switch {
	case k.Product == "":
		wrong = append(wrong, keygen.ErrInvalid)
	case !m.policy(policy).Pooled:
		wrong = append(wrong, keygen.ErrPoolNotSupported)
	}
	var want error
	switch {
	case text == "seven77":
		want = keygen.ErrInvalid // nothing is sent
	case shop && k.Product != "shop":
		want = keygen.ErrForbidden
	case len(wrong) > 0:
		want = wrong
	}
	done := m.act(want, func(c *keygenCast) error {
		made, err := c.client(shop).Keys.Create(m.Context(), keygen.CreateKeyParams{Key: c.text(text), PolicyID: id(c.places, policy)})
		if err == nil {
			c.keys.give(k.Name, made.ID)
			agreeOn(m.story, "the new key as it was answered", k, c.keyInShop(made))
		}
		return err
	}, "create %s, the shop calls: %v", brief(k), shop)
	if done {
		added := k // the deed keeps k as it was
		m.keys = append(m.keys, &added)
	}
}

func (m *keygenModel) updateKey() {
	name, shop, text := m.someKey(), m.caller(), m.someText()
	var product string
	var after keygenKey
	k := m.key(name)
	if k != nil {
		product, after = k.Product, *k
		if !often(m.story, "another text") {
			text = k.Text
		}
	}
	if after.Text != text {
		after.Text, after.Updated = text, m.now.down(time.Millisecond)
	}
	want := hidden(product, shop)
	if wrong := m.wrong(text, k); want == nil && len(wrong) > 0 {
		want = wrong
	}
	if text == "seven77" {
		want = keygen.ErrInvalid // nothing is sent
	}
	done := m.act(want, func(c *keygenCast) error {
		changed, err := c.client(shop).Keys.Update(m.Context(), id(c.keys, name), keygen.UpdateKeyParams{Key: c.text(text)})
		if err == nil {
			agreeOn(m.story, "the key as it was answered", after, c.keyInShop(changed))
		}
		return err
	}, "update %s to %s, the shop calls: %v", name, text, shop)
	if done {
		*k = after
	}
}

func (m *keygenModel) deleteKey() {
	name, shop := m.someKey(), m.caller()
	k, product := m.key(name), ""
	if k != nil {
		product = k.Product
	}
	if m.act(hidden(product, shop), func(c *keygenCast) error { return c.client(shop).Keys.Delete(m.Context(), id(c.keys, name)) }, "delete %s, the shop calls: %v", name, shop) {
		m.dropKey(k)
	}
}

func (m *keygenModel) removeKey() {
	name := m.someKey()
	k := m.key(name)
	var want error
	if k == nil {
		want = code("not removed")
	}
	done := m.act(want, func(c *keygenCast) error {
		if !c.world.RemoveKey(id(c.keys, name)) {
			return code("not removed")
		}
		return nil
	}, "%s is removed in the dashboard", name)
	if done {
		m.dropKey(k)
	}
}

func (m *keygenModel) pop() {
	policy, shop := m.somePolicy(), m.caller()
	pool := m.pool(policy)
	var next keygenKey
	want := hidden(m.productOf(policy), shop)
	switch {
	case want != nil:
	case !m.policy(policy).Pooled:
		want = keygen.ErrPoolNotSupported
	case len(pool) == 0:
		want = keygen.ErrPoolEmpty
	default:
		next = *pool[0]
	}
	done := m.act(want, func(c *keygenCast) error {
		popped, err := c.client(shop).Pool(id(c.places, policy)).Pop(m.Context())
		if err == nil {
			agreeOn(m.story, "the key that was popped", next, c.keyInShop(popped))
		}
		return err
	}, "pop from %s, the shop calls: %v", policy, shop)
	if done {
		m.dropKey(pool[0])
	}
}

func (m *keygenModel) createLicense() {
	s := m.story
	policy, shop := m.somePolicy(), m.caller()
	text := ""
	if pick(s, "its own key", false, false, false, true) {
		text = m.someText()
	}
	p, created := m.policy(policy), s.now.down(time.Millisecond)
	l := keygenLicense{
		Name: m.name("license"), Text: text, Policy: policy, Product: m.productOf(policy), Expires: never,
		Suspended: !often(s, "in force"), Created: created, Updated: created,
	}
	expiry := pick(s, "expiry", never, never, never, s.now.down(time.Millisecond).plus(time.Minute))
	pool := m.pool(policy)
	draws := p != nil && p.Pooled && text == ""
	var want error
	switch {
	case l.Product == "" && shop || shop && l.Product != "shop":
		want = keygen.ErrForbidden
	case l.Product == "":
		want = keygen.ErrInvalid
	case draws && len(pool) == 0:
		want = keygen.ErrPoolEmpty
	case draws && m.licensed(pool[0].Text):
		want = keygen.ErrConflict
	case m.licensed(text) && text != "":
		want = keygen.ErrKeyTaken
	case text != "" && m.license(text) != nil:
		want = keygen.ErrKeyConflict
	case draws:
		l.Text = pool[0].Text
	case text == "":
		l.Text = keygenMade
	}
	if p != nil && p.Duration > 0 {
		l.Expires = created.plus(p.Duration)
	}
	if expiry != never {
		l.Expires = expiry
	}
	done := m.act(want, func(c *keygenCast) error {
		made, err := c.client(shop).Licenses.Create(m.Context(), keygen.CreateLicenseParams{
			PolicyID: id(c.places, policy), Key: c.text(text), Name: l.Name, Suspended: l.Suspended, ExpiresAt: expiry.time(),
		})
		if err == nil {
			if c.licenses.give(l.Name, made.ID); l.Text == keygenMade {
				c.made[made.Key] = true
			}
			agreeOn(s, "the new license as it was answered", l, c.licenseInShop(made))
		}
		return err
	}, "create %s, the shop calls: %v", brief(l), shop)
	if !done {
		return
	}
	if draws {
		m.dropKey(pool[0])
	}
	added := l // the deed keeps l as it was
	m.licenses = append(m.licenses, &added)
}

func (m *keygenModel) deleteLicense() {
	name, shop := m.someLicense(), m.caller()
	l, product := m.addressed(name), ""
	if l != nil {
		product = l.Product
	}
	done := m.act(hidden(product, shop), func(c *keygenCast) error {
		return c.client(shop).Licenses.Delete(m.Context(), id(c.licenses, name))
	}, "delete %s, the shop calls: %v", name, shop)
	if done {
		m.dropLicense(l)
	}
}

func (m *keygenModel) turnPools() {
	oldest := pick(m.story, "oldest first", true, false)
	m.direct(func(c *keygenCast) error { c.world.SetPoolOrder(oldest); return nil }, "pools give the oldest key first: %v", oldest)
	m.oldestFirst = oldest
}

func (m *keygenModel) wait() {
	var deadlines []moment
	for _, l := range m.licenses {
		deadlines = append(deadlines, l.Expires)
	}
	m.story.wait(time.Millisecond, deadlines)
}

// What is seen.

// check compares everything that is known with everything that is seen.
func (m *keygenModel) check() {
	var all []any
	for _, p := range m.policies {
		all = append(all, *p)
	}
	for _, k := range m.keys {
		all = append(all, *k)
	}
	for _, l := range m.licenses {
		all = append(all, *l)
	}
	agree(m.story, "what is in the world", all, m.cast.state())
	m.unseen(func(c *keygenCast) {
		agree(m.story, "the keys in a list", m.keyNames(m.keys), m.walkKeys(c.admin, keygen.ListKeysParams{}))
		for _, name := range last(m.goneKeys) {
			_, err := c.admin.Keys.Get(m.Context(), id(c.keys, name))
			m.expect(keygen.ErrNotFound, err)
		}
		for _, name := range last(m.gonePolicies) {
			_, err := c.admin.Policies.Get(m.Context(), id(c.places, name))
			m.expect(keygen.ErrNotFound, err)
		}
	})
	m.quiet()
}

// keyNames are the names of keys in the order of lists.
func (m *keygenModel) keyNames(keys []*keygenKey) []string {
	list := []string{}
	for _, k := range slices.Backward(keys) {
		list = append(list, k.Name)
	}
	return list
}

// walkKeys has the names of all keys that are selected, after a look at what the
// list tells of them.
func (m *keygenModel) walkKeys(client *keygen.Client, p keygen.ListKeysParams) []string {
	list := []string{}
	for k, err := range client.Keys.All(m.Context(), p) {
		m.expect(nil, err)
		list = append(list, m.recognise(k))
	}
	return list
}

// recognise compares a key with what is known of it, and returns its name.
func (m *keygenModel) recognise(k *keygen.Key) string {
	seen := m.cast.keyInShop(k)
	if known := m.key(seen.Name); known != nil {
		agreeOn(m.story, "a key in a list", *known, seen)
	}
	return seen.Name
}

// keygenPage is a way to page, as a story draws it.
type keygenPage struct {
	By                string // limit, number or cursor
	Limit, Size, Page int
	After             string
	Order             keygen.Order
}

// somePage draws a way to page a list.
func (m *keygenModel) somePage(list []string) keygenPage {
	s := m.story
	page := keygenPage{By: pick(s, "by", "limit", "number", "cursor"), Order: pick(s, "order", "", keygen.NewestFirst, keygen.OldestFirst)}
	switch page.By {
	case "limit":
		page.Limit = pick(s, "limit", 0, 1, 3, 100)
	case "number":
		page.Page, page.Size = pick(s, "page", 1, 2, 3), pick(s, "size", 0, 1, 2, 3, 100)
	case "cursor":
		page.After, page.Size = pick(s, "after", append([]string{"", "nobody's"}, list...)...), pick(s, "size", 0, 1, 2, 3, 100)
	}
	return page
}

// of is what a page shows of a list, and what the answer tells besides.
func (p keygenPage) of(list []string) (shown []string, next string, pages, count int) {
	list = slices.Clone(list)
	if p.Order == keygen.OldestFirst {
		slices.Reverse(list)
	}
	size, from := p.Size, 0
	if size == 0 {
		size = 10
	}
	switch p.By {
	case "limit":
		if size = p.Limit; size == 0 {
			size = 10
		}
	case "number":
		from, pages, count = min((p.Page-1)*size, len(list)), (len(list)+size-1)/size, len(list)
	case "cursor":
		switch at := slices.Index(list, p.After); {
		case at >= 0:
			from = at + 1
		case p.After != "":
			from = len(list)
		}
		if from+size < len(list) {
			next = list[from+size-1]
		}
	}
	return list[from:min(from+size, len(list))], next, pages, count
}

// cursor is the parameter of a page by cursor.
func (p keygenPage) cursor(n names[string]) (cursor keygen.Opt[string]) {
	switch {
	case p.By != "cursor":
		return cursor
	case p.After == "":
		return keygen.Set("")
	}
	return keygen.Set(id(n, p.After))
}

// turned compares a page with what it should be.
func turned[T any](m *keygenModel, p keygenPage, all []string, got *keygen.Page[T], err error, name func(*T) string, of names[string]) {
	m.expect(nil, err)
	shown, next, pages, count := p.of(all)
	var seen []string
	for _, item := range got.Items {
		seen = append(seen, name(item))
	}
	agree(m.story, "the page", shown, seen)
	agreeOn(m.story, "the next page comes after", next, of.of(got.Next))
	agree(m.story, "pages and count", []int{pages, count}, []int{got.Pages, got.Count})
}

// visible are the keys that the caller sees and that a list selects.
func (m *keygenModel) visible(shop bool, policy, product string) []*keygenKey {
	return slices.DeleteFunc(slices.Clone(m.keys), func(k *keygenKey) bool {
		return shop && k.Product != "shop" || policy != "" && k.Policy != policy || product != "" && k.Product != product
	})
}

func (m *keygenModel) lookAtKeys() {
	shop := m.caller()
	policy, product := "", pick(m.story, "product", "", "", "shop", "outlet", "nowhere")
	if pick(m.story, "of a policy", false, true) {
		policy = m.somePolicy()
	}
	all := m.keyNames(m.visible(shop, policy, product))
	page, size := m.somePage(all), pick(m.story, "size of pages", 1, 2, 3, 100)
	m.look(func(c *keygenCast) {
		var p keygen.ListKeysParams
		if policy != "" {
			p.PolicyID = id(c.places, policy)
		}
		if product != "" {
			p.ProductID = id(c.places, product)
		}
		whole := p
		whole.PageSize = size
		agree(m.story, "all pages", all, m.walkKeys(c.client(shop), whole))
		p.Limit, p.Page, p.PageSize, p.Order, p.Cursor = page.Limit, page.Page, page.Size, page.Order, page.cursor(c.keys)
		got, err := c.client(shop).Keys.List(m.Context(), p)
		turned(m, page, all, got, err, m.recognise, c.keys)
	}, "look at the keys of policy %q and product %q by %s, the shop calls: %v", policy, product, brief(page), shop)
}

func (m *keygenModel) lookAtPool() {
	shop, policy := m.caller(), m.somePolicy()
	all := m.keyNames(m.visible(false, policy, ""))
	page := m.somePage(all)
	m.look(func(c *keygenCast) {
		pool := c.client(shop).Pool(id(c.places, policy))
		got, err := pool.List(m.Context(), keygen.ListPoolParams{Limit: page.Limit, Page: page.Page, PageSize: page.Size, Order: page.Order, Cursor: page.cursor(c.keys)})
		want := hidden(m.productOf(policy), shop)
		if m.expect(want, err); want == nil {
			turned(m, page, all, got, err, m.recognise, c.keys)
		}
		for _, k := range m.keys {
			_, err := pool.Get(m.Context(), id(c.keys, k.Name))
			want := want
			if want == nil && k.Policy != policy {
				want = keygen.ErrNotFound
			}
			m.expect(want, err)
		}
	}, "look at the pool of %s by %s, the shop calls: %v", policy, brief(page), shop)
}

func (m *keygenModel) lookAtLicenses() {
	shop, policy := m.caller(), ""
	if pick(m.story, "of a policy", false, true) {
		policy = m.somePolicy()
	}
	all := []string{}
	for _, l := range slices.Backward(m.licenses) {
		if (!shop || l.Product == "shop") && (policy == "" || l.Policy == policy) {
			all = append(all, l.Name)
		}
	}
	page := m.somePage(all)
	m.look(func(c *keygenCast) {
		p := keygen.ListLicensesParams{Limit: page.Limit, Page: page.Page, PageSize: page.Size, Order: page.Order, Cursor: page.cursor(c.licenses)}
		if policy != "" {
			p.PolicyID = id(c.places, policy)
		}
		got, err := c.client(shop).Licenses.List(m.Context(), p)
		turned(m, page, all, got, err, m.meet, c.licenses)
	}, "look at the licenses of policy %q by %s, the shop calls: %v", policy, brief(page), shop)
}

// meet compares a license with what is known of it, and returns its name.
func (m *keygenModel) meet(l *keygen.License) string {
	seen := m.cast.licenseInShop(l)
	if known := m.license(seen.Name); known != nil {
		agreeOn(m.story, "a license", *known, seen)
		agreeOn(m.story, "whether it has expired", known.Expires.reached(m.now), l.Expired(m.now.time()))
		agreeOn(m.story, "whether its status says so", known.Expires.reached(m.now) && !known.Suspended, l.Status == keygen.StatusExpired)
	}
	return seen.Name
}

// lookAtShares looks whether policies and products share out the keys.
func (m *keygenModel) lookAtShares() {
	all := sortedList(m.keyNames(m.keys))
	m.look(func(c *keygenCast) {
		var byPolicy, byPool, byProduct, policies, known []string
		for p, err := range c.admin.Policies.All(m.Context(), keygen.ListPoliciesParams{PageSize: 2}) {
			m.expect(nil, err)
			policies = append(policies, brief(c.policyInShop(p)))
			byPolicy = append(byPolicy, m.walkKeys(c.admin, keygen.ListKeysParams{PolicyID: p.ID})...)
			for k, err := range c.admin.Pool(p.ID).All(m.Context(), keygen.ListPoolParams{PageSize: 2}) {
				m.expect(nil, err)
				byPool = append(byPool, m.recognise(k))
			}
		}
		for _, product := range []string{"shop", "outlet"} {
			byProduct = append(byProduct, m.walkKeys(c.admin, keygen.ListKeysParams{ProductID: c.places.ids[product]})...)
		}
		for _, p := range slices.Backward(m.policies) {
			known = append(known, brief(*p))
		}
		agree(m.story, "the policies", known, policies)
		agree(m.story, "the keys of all policies", all, sortedList(byPolicy))
		agree(m.story, "the keys of all pools", all, sortedList(byPool))
		agree(m.story, "the keys of all products", all, sortedList(byProduct))
	}, "look how policies and products share out the keys")
}

func (m *keygenModel) lookAtOne() {
	key, license, policy, shop := m.someKey(), m.someLicense(), m.somePolicy(), m.caller()
	m.look(func(c *keygenCast) {
		client, product := c.client(shop), ""
		k := m.key(key)
		if k != nil {
			product = k.Product
		}
		got, err := client.Keys.Get(m.Context(), id(c.keys, key))
		its, err2 := client.Keys.Policy(m.Context(), id(c.keys, key))
		maker, err3 := client.Keys.Product(m.Context(), id(c.keys, key))
		for _, err := range []error{err, err2, err3} {
			m.expect(hidden(product, shop), err)
		}
		if err == nil {
			agreeOn(m.story, "the key", *k, c.keyInShop(got))
			agreeOn(m.story, "its policy", *m.policy(k.Policy), c.policyInShop(its))
			agreeOn(m.story, "its product", k.Product, c.places.of(maker.ID))
		}
		one, err := client.Policies.Get(m.Context(), id(c.places, policy))
		if m.expect(hidden(m.productOf(policy), shop), err); err == nil {
			agreeOn(m.story, "the policy", *m.policy(policy), c.policyInShop(one))
		}
		m.lookAtLicense(client, license, shop)
	}, "look at %s, %s and %s, the shop calls: %v", key, policy, license, shop)
}

// lookAtLicense gets a license by its id and by its key.
func (m *keygenModel) lookAtLicense(client *keygen.Client, name string, shop bool) {
	l, product := m.addressed(name), ""
	if l != nil {
		product = l.Product
	}
	found, err := client.Licenses.Get(m.Context(), id(m.cast.licenses, name))
	m.expect(hidden(product, shop), err)
	if err != nil {
		return
	}
	agreeOn(m.story, "the license", l.Name, m.meet(found))
	found, err = client.Licenses.Get(m.Context(), found.Key)
	m.expect(nil, err)
	agreeOn(m.story, "the license by its key", l.Name, m.meet(found))
}

// logIn is an end user's program that authenticates with a text: the key of a
// license, or one in a pool that is no credential yet.
func (m *keygenModel) logIn() {
	if len(m.keys) > 0 && pick(m.story, "with a key of a pool", false, false, true) {
		k := pick(m.story, "key", m.keys...)
		if m.licensed(k.Text) {
			return // then it is that license's key as well
		}
		m.look(func(c *keygenCast) {
			_, err := c.as(keygen.BasicLicenseKey(c.text(k.Text))).Licenses.Get(m.Context(), keygenNowhere)
			m.expect(keygen.ErrLicenseInvalid, err)
		}, "log in with %s", k.Name)
		return
	}
	l := m.license(m.someLicense())
	if l == nil {
		return
	}
	m.sometimesWait(time.Millisecond, l.Expires)
	p := m.policy(l.Policy)
	var wants []error
	if !p.ByKey {
		wants = append(wants, keygen.ErrLicenseNotAllowed)
	}
	if l.Suspended {
		wants = append(wants, keygen.ErrLicenseSuspended)
	}
	if p.Revokes && l.Expires.reached(m.now) {
		wants = append(wants, keygen.ErrLicenseExpired)
	}
	m.tally["log in: "+brief(wants)]++
	m.look(func(c *keygenCast) {
		licenseID := c.licenses.ids[l.Name]
		state, _ := c.world.License(licenseID)
		got, err := c.as(keygen.BasicLicenseKey(state.Key)).Licenses.Get(m.Context(), licenseID)
		if len(wants) == 0 {
			m.expect(nil, err)
			agreeOn(m.story, "the license that sees itself", l.Name, m.meet(got))
		} else if !slices.ContainsFunc(wants, func(want error) bool { return errors.Is(err, want) }) { // which comes first is not known
			m.fail("the outcome is none of those that the model expects", "expected: %v\nreally:   %s", wants, outcome(err))
		}
	}, "log in with %s; what stands in the way: %s", l.Name, strings.Trim(brief(wants), "[]"))
}

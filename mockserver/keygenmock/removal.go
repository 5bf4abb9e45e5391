package keygenmock

// Functions here take objects out with all that cannot be without them, and say so
// in effects. Credentials go without a word. That keys and licenses go with their
// policy is known; what goes with a user or a product is assumed.

// removeUser leaves the licenses of a user to nobody.
func (t *turn) removeUser(a *account, u *User) {
	a.users.remove(u)
	a.removeTokens(u.ID)
	for _, l := range a.licenses.all(licenseOfOwner.Is(u.ID)) {
		by := *l
		by.OwnerID = ""
		a.licenses.change(l, by)
	}
	t.Effect(EffectUserDeleted, u.ID, "")
}

func (t *turn) removeProduct(a *account, p *Product) {
	for _, policy := range a.policies.all(policyOfProduct.Is(p.ID)) {
		t.removePolicy(a, policy)
	}
	a.products.remove(p)
	a.removeTokens(p.ID)
	t.Effect(EffectProductDeleted, p.ID, "")
}

func (t *turn) removePolicy(a *account, p *Policy) {
	for _, k := range a.keys.all(keyOfPolicy.Is(p.ID)) {
		t.removeKey(a, k)
	}
	for _, l := range a.licenses.all(licenseOfPolicy.Is(p.ID)) {
		t.removeLicense(a, l)
	}
	a.policies.remove(p)
	t.Effect(EffectPolicyDeleted, p.ID, "")
}

func (t *turn) removeKey(a *account, k *Key) {
	a.keys.remove(k)
	t.Effect(EffectKeyDeleted, k.ID, "")
}

func (t *turn) removeLicense(a *account, l *License) {
	a.licenses.remove(l)
	a.removeTokens(l.ID)
	t.Effect(EffectLicenseDeleted, l.ID, "")
}

func (t *turn) removeToken(a *account, tok *Token) {
	a.tokens.remove(tok)
	t.Effect(EffectTokenDeleted, tok.ID, "")
}

func (t *turn) removeWebhookEndpoint(a *account, e *WebhookEndpoint) {
	a.endpoints.remove(e)
	t.Effect(EffectWebhookDeleted, e.ID, "")
}

// removeTokens drops the credentials of somebody who is gone.
func (a *account) removeTokens(bearerID string) {
	for _, t := range a.tokens.all(tokenOfBearer.Is(bearerID)) {
		a.tokens.remove(t)
	}
}

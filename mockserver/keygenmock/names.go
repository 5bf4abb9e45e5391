package keygenmock

// Operations of the vendor's API, as the journal, the faults and the ledger of
// the server name them. Their paths begin with /v1/accounts/{account}.
const (
	OpListKeys      = "keygen.listKeys"      // GET /keys
	OpCreateKey     = "keygen.createKey"     // POST /keys
	OpGetKey        = "keygen.getKey"        // GET /keys/{keyId}
	OpUpdateKey     = "keygen.updateKey"     // PATCH /keys/{keyId}
	OpDeleteKey     = "keygen.deleteKey"     // DELETE /keys/{keyId}
	OpGetKeyPolicy  = "keygen.getKeyPolicy"  // GET /keys/{keyId}/policy
	OpGetKeyProduct = "keygen.getKeyProduct" // GET /keys/{keyId}/product

	OpListPool   = "keygen.listPool"   // GET /policies/{policyId}/pool
	OpGetPoolKey = "keygen.getPoolKey" // GET /policies/{policyId}/pool/{keyId}
	OpPopPool    = "keygen.popPool"    // DELETE /policies/{policyId}/pool

	OpListPolicies = "keygen.listPolicies" // GET /policies
	OpCreatePolicy = "keygen.createPolicy" // POST /policies
	OpGetPolicy    = "keygen.getPolicy"    // GET /policies/{policyId}
	OpDeletePolicy = "keygen.deletePolicy" // DELETE /policies/{policyId}

	OpCreateProduct      = "keygen.createProduct"      // POST /products
	OpGetProduct         = "keygen.getProduct"         // GET /products/{productId}
	OpCreateProductToken = "keygen.createProductToken" // POST /products/{productId}/tokens

	OpListLicenses  = "keygen.listLicenses"  // GET /licenses
	OpCreateLicense = "keygen.createLicense" // POST /licenses
	OpGetLicense    = "keygen.getLicense"    // GET /licenses/{licenseId}
	OpDeleteLicense = "keygen.deleteLicense" // DELETE /licenses/{licenseId}
)

// Actions are what a test does through the methods of [World] and [Account]
// instead of the vendor's API. Journal and ledger name them like operations.
// Methods that only look at the state leave no trace there.
const (
	ActAddAccount         = "keygen.addAccount"
	ActAddUser            = "keygen.addUser"
	ActAddProduct         = "keygen.addProduct"
	ActAddPolicy          = "keygen.addPolicy"
	ActAddKey             = "keygen.addKey"
	ActAddLicense         = "keygen.addLicense"
	ActAddToken           = "keygen.addToken"
	ActAddWebhookEndpoint = "keygen.addWebhookEndpoint"
	ActRemoveKey          = "keygen.removeKey"
	ActSetStatus          = "keygen.setStatus"
	ActSetPoolOrder       = "keygen.setPoolOrder"
	ActSetSingleplayer    = "keygen.setSingleplayer"
	ActSetRateLimit       = "keygen.setRateLimit"
)

// Kinds of effects in the server's ledger. An effect is a lasting change: what
// changes nothing (a refused call, an update that sets what is set already)
// leaves none. The id of an effect is that of the object.
const (
	EffectAccountAdded   = "account.added"
	EffectAccountChanged = "account.changed" // the detail is the new status
	EffectUserAdded      = "user.added"
	EffectWebhookAdded   = "webhook-endpoint.added"
	EffectProductCreated = "product.created"
	EffectPolicyCreated  = "policy.created"
	EffectPolicyDeleted  = "policy.deleted"
	EffectKeyCreated     = "key.created"
	EffectKeyUpdated     = "key.updated" // the detail names what changed
	EffectKeyDeleted     = "key.deleted"
	EffectKeyPopped      = "key.popped" // by a pop; the key is gone
	EffectKeyDrawn       = "key.drawn"  // for a license; the key is gone, and the detail is the license's id
	EffectLicenseCreated = "license.created"
	EffectLicenseDeleted = "license.deleted"
	EffectTokenCreated   = "token.created"
)

// Kinds of effects that only a test brings about, through the control plane. The
// detail of a change names the members that changed.
const (
	EffectAccountDeleted = "account.deleted"
	EffectUserChanged    = "user.changed"
	EffectUserDeleted    = "user.deleted"
	EffectWebhookChanged = "webhook-endpoint.changed"
	EffectWebhookDeleted = "webhook-endpoint.deleted"
	EffectProductChanged = "product.changed"
	EffectProductDeleted = "product.deleted"
	EffectPolicyChanged  = "policy.changed"
	EffectLicenseChanged = "license.changed"
	EffectTokenChanged   = "token.changed"
	EffectTokenDeleted   = "token.deleted"
)

// effectKinds are all of the kinds above; the server refuses an effect of another.
var effectKinds = []string{
	EffectAccountAdded,
	EffectAccountChanged,
	EffectUserAdded,
	EffectWebhookAdded,
	EffectProductCreated,
	EffectPolicyCreated,
	EffectPolicyDeleted,
	EffectKeyCreated,
	EffectKeyUpdated,
	EffectKeyDeleted,
	EffectKeyPopped,
	EffectKeyDrawn,
	EffectLicenseCreated,
	EffectLicenseDeleted,
	EffectTokenCreated,
	EffectAccountDeleted,
	EffectUserChanged,
	EffectUserDeleted,
	EffectWebhookChanged,
	EffectWebhookDeleted,
	EffectProductChanged,
	EffectProductDeleted,
	EffectPolicyChanged,
	EffectLicenseChanged,
	EffectTokenChanged,
	EffectTokenDeleted,
}

package keygenmock

// What each operation allows in the documents it is sent.
var (
	createKeySchema = request("key", "keys", nil,
		attributes(schema{name: "key", shape: aString}),
		relationships(linkage("policy", "policies")),
	)
	updateKeySchema = request("key", "keys", &schema{name: "id", shape: aString, optional: true},
		attributes(schema{name: "key", shape: aString, optional: true}),
	)
	createPolicySchema = request("policy", "policies", nil,
		attributes(optional(
			schema{name: "name", shape: aString},
			schema{name: "duration", shape: anInteger},
			schema{name: "strict", shape: aBoolean},
			schema{name: "floating", shape: aBoolean},
			schema{name: "scheme", shape: aString},
			schema{name: "encrypted", shape: aBoolean},
			schema{name: "usePool", shape: aBoolean},
			schema{name: "protected", shape: aBoolean},
			schema{name: "requireProductScope", shape: aBoolean},
			schema{name: "requirePolicyScope", shape: aBoolean},
			schema{name: "requireMachineScope", shape: aBoolean},
			schema{name: "requireFingerprintScope", shape: aBoolean},
			schema{name: "requireComponentsScope", shape: aBoolean},
			schema{name: "requireUserScope", shape: aBoolean},
			schema{name: "requireChecksumScope", shape: aBoolean},
			schema{name: "requireVersionScope", shape: aBoolean},
			schema{name: "requireCheckIn", shape: aBoolean},
			schema{name: "checkInInterval", shape: aString},
			schema{name: "checkInIntervalCount", shape: anInteger},
			schema{name: "requireHeartbeat", shape: aBoolean},
			schema{name: "heartbeatDuration", shape: anInteger},
			schema{name: "heartbeatCullStrategy", shape: aString},
			schema{name: "heartbeatResurrectionStrategy", shape: aString},
			schema{name: "heartbeatBasis", shape: aString},
			schema{name: "machineUniquenessStrategy", shape: aString},
			schema{name: "machineMatchingStrategy", shape: aString},
			schema{name: "componentUniquenessStrategy", shape: aString},
			schema{name: "componentMatchingStrategy", shape: aString},
			schema{name: "expirationStrategy", shape: aString},
			schema{name: "expirationBasis", shape: aString},
			schema{name: "renewalBasis", shape: aString},
			schema{name: "transferStrategy", shape: aString},
			schema{name: "authenticationStrategy", shape: aString},
			schema{name: "machineLeasingStrategy", shape: aString},
			schema{name: "processLeasingStrategy", shape: aString},
			schema{name: "overageStrategy", shape: aString},
			schema{name: "maxMachines", shape: anInteger},
			schema{name: "maxProcesses", shape: anInteger},
			schema{name: "maxUsers", shape: anInteger},
			schema{name: "maxCores", shape: anInteger},
			schema{name: "maxMemory", shape: anInteger},
			schema{name: "maxDisk", shape: anInteger},
			schema{name: "maxUses", shape: anInteger},
			schema{name: "metadata", shape: anyObject},
		)...),
		relationships(linkage("product", "products")),
	)
	createProductSchema = request("product", "products", nil,
		attributes(append([]schema{{name: "name", shape: aString}}, optional(
			schema{name: "code", shape: aString},
			schema{name: "distributionStrategy", shape: aString},
			schema{name: "url", shape: aString},
			schema{name: "platforms", shape: someTexts},
			schema{name: "metadata", shape: anyObject},
		)...)...),
	)
	createLicenseSchema = licenseSchema(
		schema{name: "expiry", shape: aTime},
		schema{name: "suspended", shape: aBoolean},
		schema{name: "protected", shape: aBoolean},
		schema{name: "maxMachines", shape: anInteger},
		schema{name: "maxProcesses", shape: anInteger},
		schema{name: "maxUsers", shape: anInteger},
		schema{name: "maxCores", shape: anInteger},
		schema{name: "maxMemory", shape: anInteger},
		schema{name: "maxDisk", shape: anInteger},
		schema{name: "maxUses", shape: anInteger},
	)
	createOwnLicenseSchema = licenseSchema() // for users

	createTokenSchema = schema{shape: anObject, members: []schema{{name: "data", shape: anObject, optional: true, members: []schema{
		kind("token", "tokens"),
		{name: "attributes", shape: anObject, optional: true, members: optional(
			schema{name: "name", shape: aString},
			schema{name: "expiry", shape: aTime},
		)},
	}}}}
)

// request is a document with one resource of a type, whose name is taken in
// singular and plural. Most take no id.
func request(singular, plural string, id *schema, parts ...schema) schema {
	members := []schema{kind(singular, plural)}
	if id != nil {
		members = append(members, *id)
	}
	return schema{shape: anObject, members: []schema{{name: "data", shape: anObject, members: append(members, parts...)}}}
}

func kind(singular, plural string) schema {
	return schema{name: "type", shape: aString, oneOf: []string{singular, plural}}
}

func attributes(members ...schema) schema {
	return schema{name: "attributes", shape: anObject, members: members}
}

func relationships(members ...schema) schema {
	return schema{name: "relationships", shape: anObject, members: members}
}

// linkage is a relationship to one resource, which gives it its name.
func linkage(singular, plural string) schema {
	return schema{name: singular, shape: anObject, members: []schema{{name: "data", shape: anObject, members: []schema{
		kind(singular, plural), {name: "id", shape: aUUID},
	}}}}
}

// optional marks members that may be absent.
func optional(members ...schema) []schema {
	for i := range members {
		members[i].optional = true
	}
	return members
}

// licenseSchema is what all may say of a new license, and what some may besides.
func licenseSchema(further ...schema) schema {
	all := append([]schema{{name: "name", shape: aString}, {name: "key", shape: aString}, {name: "metadata", shape: anyObject}}, further...)
	set := attributes(optional(all...)...)
	set.optional = true
	owner := schema{name: "owner", alias: "user", shape: anObject, members: optional(schema{name: "data", shape: anObject, members: []schema{
		kind("user", "users"), {name: "id", shape: aUUID},
	}})}
	group := schema{name: "group", shape: anObject, members: optional(schema{name: "data", shape: anObject, members: []schema{
		kind("group", "groups"), {name: "id", shape: aUUID},
	}})}
	return request("license", "licenses", &schema{name: "id", shape: aUUID, optional: true},
		set, relationships(append([]schema{linkage("policy", "policies")}, optional(owner, group)...)...))
}

// Package openapi holds the OpenAPI documents that the clients' wire code is
// generated from, one per vendor, and no Go code of its own. See README.md for
// the extensions the documents use and for how to regenerate.
package openapi

//go:generate go tool -modfile=../internal/tools/go.mod oapi-codegen -config junkie.gen.yaml junkie.yaml
//go:generate go tool -modfile=../internal/tools/go.mod oapi-codegen -config luaprot.gen.yaml luaprot.yaml
//go:generate go tool -modfile=../internal/tools/go.mod oapi-codegen -config keygen.gen.yaml keygen.yaml
//go:generate go tool -modfile=../internal/tools/go.mod oapi-codegen -config keycrate.gen.yaml keycrate.yaml

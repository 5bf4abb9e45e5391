// Package tools pins the code generator in a module of its own, so that nobody
// who uses the clients resolves its dependencies, and holds the templates that
// replace the generator's own. openapi/README.md says how to generate.
package tools

module github.com/keysmith-go/keysmith/internal/bench

go 1.25.0

require (
	github.com/alicebob/miniredis/v2 v2.40.0
	github.com/stretchr/testify v1.12.1
)

require github.com/yuin/gopher-lua v1.1.1 // indirect

require (
	github.com/keysmith-go/keysmith v0.0.0
	go.yaml.in/yaml/v3 v3.0.6 // indirect
)

replace github.com/keysmith-go/keysmith => ../..

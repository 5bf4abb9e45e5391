package tools_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The documents' folder, from where generation runs, and the root above it.
const (
	documents = "../../openapi"
	root      = "../.."
)

// generator builds the pinned generator once and returns its path.
var generator = sync.OnceValues(func() (string, error) {
	out, err := exec.Command("go", "tool", "-n", "oapi-codegen").Output()
	return strings.TrimSpace(string(out)), err
})

// generate runs the generator as go generate does, with one vendor's real
// configuration, but writes elsewhere and under another package name.
func generate(t *testing.T, config, pkg, document string) (code string, output string, err error) {
	t.Helper()
	tool, err := generator()
	require.NoError(t, err)
	document, err = filepath.Abs(document)
	require.NoError(t, err)

	settings := read(t, filepath.Join(documents, config))
	code = filepath.Join(t.TempDir(), "wire.gen.go")
	settings = regexp.MustCompile(`(?m)^output: .*$`).ReplaceAllLiteralString(settings, "output: "+code)
	settings = regexp.MustCompile(`(?m)^package: .*$`).ReplaceAllLiteralString(settings, "package: "+pkg)
	changed := filepath.Join(t.TempDir(), config)
	require.NoError(t, os.WriteFile(changed, []byte(settings), 0o600))

	cmd := exec.Command(tool, "-config", changed, document)
	cmd.Dir = documents
	answer, err := cmd.CombinedOutput()
	return code, string(answer), err
}

// overlay lays files over a package folder that does not exist, and runs a go
// command with it in the root module.
func overlay(t *testing.T, pkg string, files map[string]string, args ...string) (output string, err error) {
	t.Helper()
	folder, err := filepath.Abs(filepath.Join(root, "internal", pkg))
	require.NoError(t, err)
	require.NoDirExists(t, folder)
	replace := map[string]string{}
	for name, file := range files {
		replace[filepath.Join(folder, name)], err = filepath.Abs(file)
		require.NoError(t, err)
	}
	raw, err := json.Marshal(map[string]any{"Replace": replace})
	require.NoError(t, err)
	laid := filepath.Join(t.TempDir(), "overlay.json")
	require.NoError(t, os.WriteFile(laid, raw, 0o600))

	cmd := exec.Command("go", append(args, "-overlay="+laid, "./internal/"+pkg)...)
	cmd.Dir = root
	answer, err := cmd.CombinedOutput()
	return string(answer), err
}

func read(t *testing.T, file string) string {
	t.Helper()
	raw, err := os.ReadFile(file)
	require.NoError(t, err)
	return string(raw)
}

// write puts a document into a file of its own.
func write(t *testing.T, document string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "document.yaml")
	require.NoError(t, os.WriteFile(file, []byte(document), 0o600))
	return file
}

func TestCommittedCodeIsWhatTheDocumentsGenerate(t *testing.T) {
	t.Parallel()
	configs, err := filepath.Glob(filepath.Join(documents, "*.gen.yaml"))
	require.NoError(t, err)
	require.NotEmpty(t, configs)
	for _, config := range configs {
		vendor := strings.TrimSuffix(filepath.Base(config), ".gen.yaml")
		for range 2 { // twice, since maps must not decide the order
			code, output, err := generate(t, vendor+".gen.yaml", vendor+"wire", filepath.Join(documents, vendor+".yaml"))
			require.NoError(t, err, output)
			committed := filepath.Join(root, "internal", vendor+"wire", "wire.gen.go")
			assert.Equal(t, read(t, committed), read(t, code), "run: go generate ./openapi")
		}
	}
}

// What holds for code that one configuration generates must hold for all.
func TestConfigurationsDifferInTheVendorOnly(t *testing.T) {
	t.Parallel()
	configs, err := filepath.Glob(filepath.Join(documents, "*.gen.yaml"))
	require.NoError(t, err)
	require.Greater(t, len(configs), 1)
	want := strings.ReplaceAll(read(t, filepath.Join(documents, "junkie.gen.yaml")), "junkie", "{vendor}")
	for _, config := range configs {
		vendor := strings.TrimSuffix(filepath.Base(config), ".gen.yaml")
		assert.Equal(t, want, strings.ReplaceAll(read(t, config), vendor, "{vendor}"), config)
	}
}

func TestTemplatesCarryTheShapesOfOtherVendors(t *testing.T) {
	t.Parallel()
	code, output, err := generate(t, "junkie.gen.yaml", "shapeswire", "testdata/shapes.yaml")
	require.NoError(t, err, output)
	formatted, err := exec.Command("gofmt", "-l", code).Output()
	require.NoError(t, err)
	assert.Empty(t, string(formatted))
	assert.NotContains(t, read(t, code), "type Missing", "error answers become no types")

	tests := filepath.Join(t.TempDir(), "shapes.test")
	output, err = overlay(t, "shapeswire",
		map[string]string{"wire.gen.go": code, "shapes_test.go": "testdata/shapes_test.go"}, "test", "-vet=off", "-c", "-o", tests)
	require.NoError(t, err, output)
	answer, err := exec.Command(tests, "-test.v").CombinedOutput()
	require.NoError(t, err, string(answer))
	assert.Contains(t, string(answer), "PASS: TestEmbeddedModel", "the compiled tests ran")
}

// sound is a small document that generates; each test below breaks it.
const sound = `
openapi: 3.0.3
info: { title: Small, version: 1.0.0 }
paths:
  /things/{thingId}:
    put:
      operationId: changeThing
      x-retry: Idempotent
      x-recovery: Look.
      parameters:
        - { name: thingId, in: path, required: true, schema: { type: string } }
        - { name: mode, in: query, schema: { type: string } }
      requestBody:
        required: true
        content:
          application/json: { schema: { $ref: "#/components/schemas/Thing" } }
      responses:
        "200": { description: done }
components:
  schemas:
    Thing: { type: object, properties: { name: { type: string } } }
`

// broken returns the sound document with one part replaced.
func broken(t *testing.T, old, replacement string) string {
	t.Helper()
	require.Equal(t, 1, strings.Count(sound, old), "%q", old)
	return write(t, strings.Replace(sound, old, replacement, 1))
}

func TestTheSoundDocumentGeneratesAndCompiles(t *testing.T) {
	t.Parallel()
	code, output, err := generate(t, "junkie.gen.yaml", "soundwire", write(t, sound))
	require.NoError(t, err, output)
	output, err = overlay(t, "soundwire", map[string]string{"wire.gen.go": code}, "build")
	require.NoError(t, err, output)
}

func TestGenerationStopsAtWhatIsMissingOrUnsupported(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ old, replacement, message string }{
		"no class":             {"x-retry: Idempotent", "x-note: none", "has no x-retry"},
		"misspelled extension": {"x-retry: Idempotent", "x-retyr: Idempotent", "has no x-retry"},
		"empty class":          {"x-retry: Idempotent", `x-retry: ""`, "has no x-retry"},
		"no recovery":          {"x-recovery: Look.", "x-note: none", "has no x-recovery"},
		"no recovery of Once":  {"x-retry: Idempotent\n      x-recovery: Look.", "x-retry: Once", "has no x-recovery"},
		"status pattern":       {`"200":`, `"2XX":`, "instead of 2XX"},
		"no success":           {`"200":`, `"404":`, "documents no success"},
		"header parameter":     {"name: mode, in: query", "name: X-Mode, in: header", "header and cookie parameters are not supported"},
		"cookie parameter":     {"name: mode, in: query", "name: mode, in: cookie", "header and cookie parameters are not supported"},
		"optional body":        {"        required: true\n        content", "        content", "must be JSON and required"},
		"body that is no JSON": {"application/json:", "text/plain:", "must be JSON and required"},
		"two media types": {
			`          application/json: { schema: { $ref: "#/components/schemas/Thing" } }`,
			`          application/json: { schema: { $ref: "#/components/schemas/Thing" } }` + "\n" +
				`          application/vnd.api+json: { schema: { $ref: "#/components/schemas/Thing" } }`,
			"declare one media type",
		},
		"query parameter with content": {
			"name: mode, in: query, schema: { type: string }",
			"name: mode, in: query, content: { application/json: { schema: { type: string } } }",
			"query parameter mode must have a schema",
		},
		"path parameter with a style": {
			"in: path, required: true,", "in: path, required: true, style: label,",
			"path parameter thingId must have a schema and the style simple",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, output, err := generate(t, "junkie.gen.yaml", "brokenwire", broken(t, tt.old, tt.replacement))
			require.Error(t, err, output)
			assert.Contains(t, output, "operation changeThing", "the message names the operation")
			assert.Contains(t, output, tt.message)
			assert.NoFileExists(t, code)
		})
	}
}

func TestGenerationNeedsAnOperationID(t *testing.T) {
	t.Parallel()
	_, output, err := generate(t, "junkie.gen.yaml", "brokenwire", broken(t, "operationId: changeThing", "summary: none"))
	require.Error(t, err, output)
	assert.Contains(t, output, "PUT /things/{thingId}")
	assert.Contains(t, output, "has no operationId")
}

func TestRemoteReferencesAreNotFollowed(t *testing.T) {
	t.Parallel()
	_, output, err := generate(t, "junkie.gen.yaml", "brokenwire",
		broken(t, `"#/components/schemas/Thing"`, `"http://127.0.0.1:1/thing.yaml#/Thing"`))
	require.Error(t, err, output)
	assert.Contains(t, output, "allow-remote-refs-from", output)
}

func TestAnUnknownClassDoesNotCompile(t *testing.T) {
	t.Parallel()
	for _, class := range []string{"Sometimes", "read", "Class", "Op"} {
		code, output, err := generate(t, "junkie.gen.yaml", "classwire", broken(t, "x-retry: Idempotent", "x-retry: "+class))
		require.NoError(t, err, output)
		output, err = overlay(t, "classwire", map[string]string{"wire.gen.go": code}, "build")
		require.Error(t, err, class)
		assert.Contains(t, output, "transport."+class)
	}
}

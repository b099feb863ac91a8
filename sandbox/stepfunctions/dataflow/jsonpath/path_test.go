package jsonpath_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonpath"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonvalue"
)

func decode(t testing.TB, text string) jsonvalue.Value {
	t.Helper()
	v, err := jsonvalue.Decode([]byte(text))
	require.NoError(t, err, text)
	return v
}

const store = `{"z":1,"books":[{"title":"A","price":8,"tags":["x","y"]},{"title":"B","price":12.5},` +
	`{"title":"C","price":9007199254740993}],"detail-type":"d","a b":{"1st":true},"it's":2,"n":null,"@x":3}`

func TestValue(t *testing.T) {
	for path, want := range map[string]string{
		`$`:                                    store,
		`$.z`:                                  `1`,
		`$.detail-type`:                        `"d"`,
		`$['detail-type']`:                     `"d"`,
		`$["detail-type"]`:                     `"d"`,
		`$['a b'].1st`:                         `true`,
		`$['it\'s']`:                           `2`,
		`$.@x`:                                 `3`,
		`$.n`:                                  `null`,
		`$.books[2].price`:                     `9007199254740993`,
		`$.books.[1].title`:                    `"B"`,
		`$.books[-1].title`:                    `"C"`,
		`$.books[0]['title']`:                  `"A"`,
		`$.books[*].title`:                     `["A","B","C"]`,
		`$.books[*].tags`:                      `[["x","y"]]`,
		`$.books[*].tags[*]`:                   `["x","y"]`,
		`$.books[0:2].title`:                   `["A","B"]`,
		`$.books[:2].title`:                    `["A","B"]`,
		`$.books[1:].title`:                    `["B","C"]`,
		`$.books[-2:].title`:                   `["B","C"]`,
		`$.books[0,2].title`:                   `["A","C"]`,
		`$..title`:                             `["A","B","C"]`,
		`$..tags[0]`:                           `["x"]`,
		`$.books.*.title`:                      `["A","B","C"]`,
		`$.books[0].*`:                         `["A",8,["x","y"]]`,
		`$['z','n']`:                           `[1,null]`,
		`$.books[?(@.price < 10)].title`:       `["A"]`,
		`$.books[?(@.price > $.z)].title`:      `["A","B","C"]`,
		`$.books[?(@.title == 'B')].price`:     `[12.5]`,
		`$.books[?(@.tags)].title`:             `["A"]`,
		`$.books[?(@['title'] != "B")].title`:  `["A","C"]`,
		`$.books[?(@.price>10 && @.price<13)]`: `[{"title":"B","price":12.5}]`,
		`$.books[?(@.nothing)]`:                `[]`,
		`$[?(@.1st)]`:                          `[{"1st":true}]`,
		`$..nothing`:                           `[]`,
	} {
		parsed, err := jsonpath.Parse(path)
		require.NoError(t, err, path)
		v, err := parsed.Value(decode(t, store))
		require.NoError(t, err, path)
		require.Equal(t, want, jsonvalue.Text(v), path)
	}
}

func TestRoots(t *testing.T) {
	for text, want := range map[string]jsonpath.Path{
		"$":                {Root: jsonpath.Input},
		"$.a":              {Root: jsonpath.Input},
		"$['a']":           {Root: jsonpath.Input},
		"$$":               {Root: jsonpath.Context},
		"$$.Execution.Id":  {Root: jsonpath.Context},
		"$$['Execution']":  {Root: jsonpath.Context},
		"$name":            {Root: jsonpath.Variable, Variable: "name"},
		"$name.member[0]":  {Root: jsonpath.Variable, Variable: "name"},
		"$snake_case['x']": {Root: jsonpath.Variable, Variable: "snake_case"},
	} {
		path, err := jsonpath.Parse(text)
		require.NoError(t, err, text)
		require.Equal(t, want.Root, path.Root, text)
		require.Equal(t, want.Variable, path.Variable, text)
		require.Equal(t, text, path.Text)
	}
}

func TestMissingExplainsAsJaywayDoes(t *testing.T) {
	for path, want := range map[string]string{
		"$.no.such.result.path": "Missing property in path $['no']",
		"$.no":                  "No results for path: $['no']",
		"$.books[0].no":         "No results for path: $['books'][0]['no']",
		"$.books[7]":            "Index out of bounds when evaluating path $['books'][7]",
		"$.z[0]":                "Filter: [0] can only be applied to arrays. Current context is: 1",
		"$.z.y": "Expected to find an object with property ['y'] in path $['z'] but found " +
			"'com.fasterxml.jackson.databind.node.IntNode'. This is not a json object according to the JsonProvider: " +
			"'com.jayway.jsonpath.spi.json.JacksonJsonNodeJsonProvider'.",
	} {
		parsed, err := jsonpath.Parse(path)
		require.NoError(t, err, path)
		require.True(t, parsed.Definite())
		_, err = parsed.Value(decode(t, store))
		var missing *jsonpath.MissingError
		require.ErrorAs(t, err, &missing, path)
		require.Equal(t, want, missing.Reason)
	}
}

func TestParseRefuses(t *testing.T) {
	for path, want := range map[string]string{
		"":                       "does not begin with '$'",
		"a.b":                    "does not begin with '$'",
		"$.":                     "a name is missing",
		"$.a..":                  "a name is missing",
		"$.a b":                  "white space",
		"$.a[":                   "not closed",
		"$.a['x":                 "not closed",
		"$.a['x''y']":            "',' is missing",
		"$.a['x',]":              "quoted name is missing",
		"$.a[x]":                 `JSONPath "$.a[x]"`,
		"$.a[$$.Execution.Id]S":  "unexpected 'S'",
		"$.a[?(@.x =~ /b/)]":     "JSONPath",
		"$.a[99999999999999999]": "JSONPath",
	} {
		_, err := jsonpath.Parse(path)
		require.ErrorContains(t, err, want, path)
	}
}

func TestNestedDescendantsAreBounded(t *testing.T) {
	path, err := jsonpath.Parse("$..*..*..*..*")
	require.NoError(t, err)
	_, err = path.Value(deep(200))
	require.ErrorContains(t, err, "selects more than")
}

func deep(n int) jsonvalue.Value {
	var v jsonvalue.Value = "leaf"
	for range n {
		v = []jsonvalue.Value{v}
	}
	return v
}

func TestPut(t *testing.T) {
	for _, tc := range []struct{ root, path, want string }{
		{`{"a":1}`, "$", `"new"`},
		{`{"a":1,"b":2}`, "$.a", `{"a":"new","b":2}`},
		{`{"a":1}`, "$.c", `{"a":1,"c":"new"}`},
		{`{"a":1}`, "$.c.d.e", `{"a":1,"c":{"d":{"e":"new"}}}`},
		{`{"c":{"x":1}}`, "$.c.d", `{"c":{"x":1,"d":"new"}}`},
		{`{"c":[1,{"d":2}]}`, "$.c[1].d", `{"c":[1,{"d":"new"}]}`},
		{`{"c":[1,2]}`, "$.c[-1]", `{"c":[1,"new"]}`},
		{`{"c":[1,2]}`, "$['c'][0]", `{"c":["new",2]}`},
	} {
		path, err := jsonpath.Parse(tc.path)
		require.NoError(t, err)
		root := decode(t, tc.root)
		v, err := path.Put(root, "new")
		require.NoError(t, err)
		require.Equal(t, tc.want, jsonvalue.Text(v))
		require.Equal(t, tc.root, jsonvalue.Text(root), "the input is unchanged")
	}
	for root, text := range map[string]string{
		`"input1"`: "$.a", `[1]`: "$[1]", `{"a":1}`: "$.a.b", `{"b":{}}`: "$.b[0]", `{"c":[]}`: "$.c[*]",
	} {
		path, err := jsonpath.Parse(text)
		require.NoError(t, err)
		_, err = path.Put(decode(t, root), "new")
		require.Error(t, err, "%s in %s", text, root)
	}
}

func FuzzPath(f *testing.F) {
	for _, seed := range []string{
		"$", "$.a[0]", "$..['x']", "$.books[?(@.price < 10)].title", "$['a\\'b',\"c\"]", "$v.a[1:2:1]", "$$.x-y", "$.*",
	} {
		f.Add(seed)
	}
	root := decode(f, store)
	f.Fuzz(func(t *testing.T, text string) {
		path, err := jsonpath.Parse(text)
		if err != nil {
			return
		}
		v, err := path.Value(root)
		if err == nil {
			_ = jsonvalue.Text(v)
		}
		if put, err := path.Put(root, "new"); err == nil {
			got, err := path.Value(put)
			require.NoError(t, err)
			require.Equal(t, "new", got, "what was put is there")
		}
	})
}

package dynamodb_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	client "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/coder/quartz"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/steptrace/steptrace/sandbox/dynamodb"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newClient(t *testing.T) *client.Client {
	t.Helper()
	endpoint := httptest.NewServer(dynamodb.New(dynamodb.Config{
		Region: "eu-west-1", AccountID: "123456789012", Clock: quartz.NewReal(), Logger: slog.Default(),
	}))
	t.Cleanup(endpoint.Close)
	return client.New(client.Options{
		Region: "eu-west-1", BaseEndpoint: aws.String(endpoint.URL), HTTPClient: endpoint.Client(),
		Credentials:      credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
		RetryMaxAttempts: 1,
	})
}

func newTable(t *testing.T, c *client.Client) {
	t.Helper()
	_, err := c.CreateTable(context.Background(), &client.CreateTableInput{
		TableName: aws.String("images"), BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: aws.String("filename"), AttributeType: types.ScalarAttributeTypeS},
		},
		KeySchema: []types.KeySchemaElement{{AttributeName: aws.String("filename"), KeyType: types.KeyTypeHash}},
	})
	require.NoError(t, err)
}

func text(s string) types.AttributeValue   { return &types.AttributeValueMemberS{Value: s} }
func number(s string) types.AttributeValue { return &types.AttributeValueMemberN{Value: s} }

func key(name string) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{"filename": text(name)}
}

func TestUpdateWithNestedValuesAndDecimals(t *testing.T) {
	c := newClient(t)
	newTable(t, c)
	ctx := context.Background()
	_, err := c.PutItem(ctx, &client.PutItemInput{TableName: aws.String("images"), Item: map[string]types.AttributeValue{
		"filename": text("a.png"), "id": text("0123"), "filesize": number("9007199254740993"),
	}})
	require.NoError(t, err)

	labels := &types.AttributeValueMemberL{Value: []types.AttributeValue{&types.AttributeValueMemberM{
		Value: map[string]types.AttributeValue{
			"Name": text("Face"), "Confidence": number("99.99712371826172"), "Count": number("9007199254740993"),
			"Small":      number("0.00000012345678901234567890123456789"),
			"Instances":  &types.AttributeValueMemberL{Value: []types.AttributeValue{}},
			"Attributes": &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{}},
			"Empty":      text(""), "Yes": &types.AttributeValueMemberBOOL{Value: true},
			"None": &types.AttributeValueMemberNULL{Value: true},
		},
	}}}
	faces := &types.AttributeValueMemberL{Value: []types.AttributeValue{}}
	_, err = c.UpdateItem(ctx, &client.UpdateItemInput{
		TableName: aws.String("images"), Key: key("a.png"),
		UpdateExpression:          aws.String("set labelData = :label, faceData = :face"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":label": labels, ":face": faces},
	})
	require.NoError(t, err)

	out, err := c.GetItem(ctx, &client.GetItemInput{TableName: aws.String("images"), Key: key("a.png")})
	require.NoError(t, err)
	require.Equal(t, map[string]types.AttributeValue{
		"filename": text("a.png"), "id": text("0123"), "filesize": number("9007199254740993"),
		"labelData": labels, "faceData": faces,
	}, out.Item)
}

func code(t *testing.T, err error) (code, message string) {
	t.Helper()
	var e smithy.APIError
	require.ErrorAs(t, err, &e)
	return e.ErrorCode(), e.ErrorMessage()
}

func TestErrors(t *testing.T) {
	c := newClient(t)
	newTable(t, c)
	ctx := t.Context()
	put := func(condition *string) error {
		_, err := c.PutItem(ctx, &client.PutItemInput{
			TableName: aws.String("images"), Item: key("a"), ConditionExpression: condition,
		})
		return err
	}
	require.NoError(t, put(nil))
	_, noTable := c.GetItem(ctx, &client.GetItemInput{TableName: aws.String("none"), Key: key("a")})
	_, noDescription := c.DescribeTable(ctx, &client.DescribeTableInput{TableName: aws.String("none")})
	_, noKey := c.PutItem(ctx, &client.PutItemInput{TableName: aws.String("images"), Item: map[string]types.AttributeValue{"x": text("y")}})
	_, unused := c.UpdateItem(ctx, &client.UpdateItemInput{
		TableName: aws.String("images"), Key: key("a"), UpdateExpression: aws.String("set x = :undefined"),
	})
	_, syntax := c.UpdateItem(ctx, &client.UpdateItemInput{
		TableName: aws.String("images"), Key: key("a"), UpdateExpression: aws.String("set set set"),
	})
	_, numberSet := c.PutItem(ctx, &client.PutItemInput{TableName: aws.String("images"), Item: map[string]types.AttributeValue{
		"filename": text("a"), "n": &types.AttributeValueMemberNS{Value: []string{"9007199254740993"}},
	}})
	_, again := c.CreateTable(ctx, &client.CreateTableInput{
		TableName: aws.String("images"), BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("k"), AttributeType: "S"}},
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("k"), KeyType: "HASH"}},
	})
	_, unknown := c.DescribeLimits(ctx, &client.DescribeLimitsInput{})
	for _, test := range []struct {
		name          string
		err           error
		code, message string
	}{
		{"no table", noTable, "ResourceNotFoundException", "Requested resource not found"},
		{"no description", noDescription, "ResourceNotFoundException", "Requested resource not found: Table: none not found"},
		{"condition", put(aws.String("attribute_not_exists(filename)")), "ConditionalCheckFailedException", "The conditional request failed"},
		{"no key", noKey, "ValidationException", ""},
		{"undefined value", unused, "ValidationException", "Invalid UpdateExpression: An expression attribute value used in expression is not defined; attribute value: :undefined"},
		{"syntax", syntax, "ValidationException", ""},
		{"number set", numberSet, "ValidationException", ""},
		{"table exists", again, "ResourceInUseException", ""},
		{"unknown", unknown, "UnknownOperationException", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			code, message := code(t, test.err)
			require.Equal(t, test.code, code, message)
			if test.message != "" {
				require.Equal(t, test.message, message)
			}
		})
	}
}

func TestTables(t *testing.T) {
	c := newClient(t)
	newTable(t, c)
	ctx := t.Context()
	waiter := client.NewTableExistsWaiter(c)
	require.NoError(t, waiter.Wait(ctx, &client.DescribeTableInput{TableName: aws.String("images")}, time.Second))
	out, err := c.DescribeTable(ctx, &client.DescribeTableInput{TableName: aws.String("images")})
	require.NoError(t, err)
	require.Equal(t, "arn:aws:dynamodb:eu-west-1:123456789012:table/images", *out.Table.TableArn)
	require.Equal(t, types.TableStatusActive, out.Table.TableStatus)
	require.Equal(t, types.BillingModePayPerRequest, out.Table.BillingModeSummary.BillingMode)
	require.Len(t, out.Table.AttributeDefinitions, 1)
	require.WithinDuration(t, time.Now(), *out.Table.CreationDateTime, time.Minute)

	list, err := c.ListTables(ctx, &client.ListTablesInput{})
	require.NoError(t, err)
	require.Equal(t, []string{"images"}, list.TableNames)
	_, err = c.DeleteTable(ctx, &client.DeleteTableInput{TableName: aws.String("images")})
	require.NoError(t, err)
	gone := client.NewTableNotExistsWaiter(c)
	require.NoError(t, gone.Wait(ctx, &client.DescribeTableInput{TableName: aws.String("images")}, time.Second))
	list, err = c.ListTables(ctx, &client.ListTablesInput{})
	require.NoError(t, err)
	require.Empty(t, list.TableNames)
}

func TestQueryScanBatchTransact(t *testing.T) {
	c := newClient(t)
	newTable(t, c)
	ctx := t.Context()
	_, err := c.BatchWriteItem(ctx, &client.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{"images": {
		{PutRequest: &types.PutRequest{Item: map[string]types.AttributeValue{"filename": text("a"), "l": &types.AttributeValueMemberL{Value: []types.AttributeValue{}}}}},
		{PutRequest: &types.PutRequest{Item: key("b")}},
	}}})
	require.NoError(t, err)
	scan, err := c.Scan(ctx, &client.ScanInput{TableName: aws.String("images")})
	require.NoError(t, err)
	require.Len(t, scan.Items, 2)
	query, err := c.Query(ctx, &client.QueryInput{
		TableName: aws.String("images"), KeyConditionExpression: aws.String("filename = :f"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":f": text("a")},
	})
	require.NoError(t, err)
	require.Equal(t, []map[string]types.AttributeValue{{
		"filename": text("a"), "l": &types.AttributeValueMemberL{Value: []types.AttributeValue{}},
	}}, query.Items)

	_, err = c.TransactWriteItems(ctx, &client.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{
		{Put: &types.Put{TableName: aws.String("images"), Item: key("c")}},
		{ConditionCheck: &types.ConditionCheck{TableName: aws.String("images"), Key: key("a"), ConditionExpression: aws.String("attribute_not_exists(filename)")}},
	}})
	var cancelled *types.TransactionCanceledException
	require.ErrorAs(t, err, &cancelled)
	require.Equal(t, "ConditionalCheckFailed", *cancelled.CancellationReasons[1].Code)
	got, err := c.GetItem(ctx, &client.GetItemInput{TableName: aws.String("images"), Key: key("c")})
	require.NoError(t, err)
	require.Empty(t, got.Item, "nothing of a cancelled transaction is kept")
}

// TestHostileRequests sends what no SDK would: each gets an error of DynamoDB's and none ends the service.
func TestHostileRequests(t *testing.T) {
	service := dynamodb.New(dynamodb.Config{
		Region: "eu-west-1", AccountID: "123456789012", Clock: quartz.NewReal(), Logger: slog.New(slog.DiscardHandler),
	})
	for _, operation := range []string{"CreateTable", "PutItem", "UpdateItem", "Query", "Scan", "BatchWriteItem", "TransactWriteItems", "ListTables", "DeleteTable"} {
		for _, body := range []string{"", "{", "[]", "null", "{}", `{"TableName":1}`, `{"TableName":"t","Key":{"a":{"N":"x"}}}`, `{"TransactItems":[null,{}]}`, `{"RequestItems":{"t":[null]}}`} {
			request := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
			request.Header.Set("X-Amz-Target", "DynamoDB_20120810."+operation)
			answer := httptest.NewRecorder()
			service.ServeHTTP(answer, request)
			require.NotEmpty(t, answer.Header().Get("x-amzn-RequestId"))
			require.True(t, json.Valid(answer.Body.Bytes()), "%s %s: %s", operation, body, answer.Body)
		}
	}
}

// What was there before comes back only when it is asked for.
func TestPutAndDeleteReturnTheOldItemOnlyWhenAsked(t *testing.T) {
	c := newClient(t)
	newTable(t, c)
	item := map[string]types.AttributeValue{"filename": text("a"), "x": number("1")}
	put := func(kind types.ReturnValue) map[string]types.AttributeValue {
		in := &client.PutItemInput{TableName: aws.String("images"), Item: item, ReturnValues: kind}
		out, err := c.PutItem(t.Context(), in)
		require.NoError(t, err)
		return out.Attributes
	}
	drop := func(kind types.ReturnValue) map[string]types.AttributeValue {
		in := &client.DeleteItemInput{TableName: aws.String("images"), Key: key("a"), ReturnValues: kind}
		out, err := c.DeleteItem(t.Context(), in)
		require.NoError(t, err)
		return out.Attributes
	}
	require.Empty(t, put(types.ReturnValueAllOld))
	require.Empty(t, put(""))
	require.Empty(t, put(types.ReturnValueNone))
	require.Equal(t, item, put(types.ReturnValueAllOld))
	require.Empty(t, drop(""))
	put("")
	require.Equal(t, item, drop(types.ReturnValueAllOld))
}

func TestReturnValues(t *testing.T) {
	c := newClient(t)
	newTable(t, c)
	ctx := t.Context()
	item := map[string]types.AttributeValue{"filename": text("a"), "x": number("1"), "y": number("1")}
	for kind, want := range map[types.ReturnValue]map[string]types.AttributeValue{
		types.ReturnValueNone:       nil,
		"":                          nil,
		types.ReturnValueAllOld:     item,
		types.ReturnValueUpdatedOld: {"x": number("1")},
		types.ReturnValueAllNew:     {"filename": text("a"), "x": number("3"), "y": number("1")},
		types.ReturnValueUpdatedNew: {"x": number("3")},
	} {
		_, err := c.PutItem(ctx, &client.PutItemInput{TableName: aws.String("images"), Item: item})
		require.NoError(t, err)
		out, err := c.UpdateItem(ctx, &client.UpdateItemInput{
			TableName: aws.String("images"), Key: key("a"), ReturnValues: kind,
			UpdateExpression:          aws.String("set x = x + :two"),
			ExpressionAttributeValues: map[string]types.AttributeValue{":two": number("2")},
		})
		require.NoError(t, err)
		require.Equal(t, want, out.Attributes, "%q", kind)
	}
}

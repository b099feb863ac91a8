package dynamodb_test

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	client "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
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

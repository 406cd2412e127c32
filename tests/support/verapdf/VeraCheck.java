import java.io.BufferedReader;
import java.io.File;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.xml.parsers.DocumentBuilderFactory;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.gf.model.GFModelParser;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;
import org.verapdf.pdfa.validation.profiles.ErrorArgument;
import org.verapdf.pdfa.validation.profiles.ErrorArgumentImpl;
import org.verapdf.pdfa.validation.profiles.ErrorDetails;
import org.verapdf.pdfa.validation.profiles.Profiles;
import org.verapdf.pdfa.validation.profiles.Reference;
import org.verapdf.pdfa.validation.profiles.Rule;
import org.verapdf.pdfa.validation.profiles.RuleId;
import org.verapdf.pdfa.validation.profiles.ValidationProfile;
import org.verapdf.pdfa.validation.profiles.Variable;
import org.verapdf.pdfa.validation.validators.ValidatorFactory;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;

/**
 * Validate PDFs against veraPDF profiles, as many as one asks for: a virtual machine starts once for all of them.
 *
 * <p>Usage: {@code java VeraCheck}. Each line that comes in names a profile, which is a veraPDF flavour id such as
 * {@code ua1} or {@code 3a}, and after a space a file; one line of JSON answers it. A file that could not be read is
 * answered with {@code error}. The end of what comes in is the end.
 *
 * <p>The profiles are read with DOM because the jar at hand was minimised and lost its JAXB implementation, so
 * veraPDF's own loader ({@code Profiles.profileFromXml}) fails. A profile without rules is an error, never a pass.
 */
public final class VeraCheck {
    private static final String FOLDER = "/org/verapdf/pdfa/validation/";
    /** Failed checks kept for each rule; the count of all of them is printed as well. */
    private static final int SHOWN_PER_RULE = 3;

    private static final Map<PDFAFlavour, ValidationProfile> PROFILES = new HashMap<>();

    public static void main(String[] args) throws Exception {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        BufferedReader asked = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        VeraGreenfieldFoundryProvider.initialise();
        for (String line = asked.readLine(); line != null; line = asked.readLine()) {
            out.println(answer(line.split(" ", 2)));
        }
    }

    private static String answer(String[] asked) {
        try {
            return check(new File(asked[1]), PDFAFlavour.byFlavourId(asked[0]));
        } catch (Exception e) {
            return "{\"error\":" + quoted(e.toString()) + "}";
        }
    }

    private static String check(File file, PDFAFlavour flavour) throws Exception {
        ValidationProfile profile = PROFILES.get(flavour);
        if (profile == null) {
            profile = load(flavour);
            PROFILES.put(flavour, profile);
        }
        try (PDFAParser parser = GFModelParser.createModelWithFlavour(file, flavour);
                PDFAValidator validator = ValidatorFactory.createValidator(profile, SHOWN_PER_RULE, false, true, false)) {
            ValidationResult result = validator.validate(parser);
            StringBuilder failures = new StringBuilder();
            for (TestAssertion assertion : result.getTestAssertions()) {
                if (assertion.getStatus() == TestAssertion.Status.FAILED) {
                    failures.append(failures.length() == 0 ? "" : ",").append(failure(assertion));
                }
            }
            return "{\"profile\":" + quoted(flavour.getId())
                    + ",\"passed\":" + result.isCompliant()
                    + ",\"rules\":" + profile.getRules().size()
                    + ",\"checks\":" + result.getTotalAssertions()
                    + ",\"failures\":[" + failures + "]}";
        }
    }

    private static String failure(TestAssertion assertion) {
        return "{\"clause\":" + quoted(assertion.getRuleId().getClause())
                + ",\"test\":" + assertion.getRuleId().getTestNumber()
                + ",\"description\":" + quoted(assertion.getMessage())
                + ",\"error\":" + quoted(String.valueOf(assertion.getErrorMessage()))
                + ",\"context\":" + quoted(assertion.getLocation().getContext()) + "}";
    }

    /** Read the profile of this flavour from the jar. */
    private static ValidationProfile load(PDFAFlavour flavour) throws Exception {
        String name = flavour.name().replaceFirst("_", "-").replace("_", "");
        try (InputStream stream = VeraCheck.class.getResourceAsStream(FOLDER + name + ".xml")) {
            if (stream == null) {
                throw new IllegalStateException("no profile " + name + " in the jar");
            }
            DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
            factory.setNamespaceAware(true);
            Element root = factory.newDocumentBuilder().parse(stream).getDocumentElement();
            Set<Rule> rules = new LinkedHashSet<>();
            for (Element element : children(child(root, "rules"), "rule")) {
                rules.add(rule(element));
            }
            Set<Variable> variables = new LinkedHashSet<>();
            Element holder = child(root, "variables");
            for (Element element : holder == null ? List.<Element>of() : children(holder, "variable")) {
                variables.add(Profiles.variableFromValues(element.getAttribute("name"), element.getAttribute("object"),
                        text(element, "defaultValue"), text(element, "value")));
            }
            if (rules.isEmpty()) {
                throw new IllegalStateException("profile " + name + " has no rules");
            }
            Element details = child(root, "details");
            return Profiles.profileFromValues(flavour,
                    Profiles.profileDetailsFromValues(text(details, "name"), text(details, "description"),
                            details.getAttribute("creator"), new Date(0)),
                    "", rules, variables);
        }
    }

    private static Rule rule(Element element) {
        Element id = child(element, "id");
        RuleId ruleId = Profiles.ruleIdFromValues(
                PDFAFlavour.Specification.valueOf(id.getAttribute("specification")),
                id.getAttribute("clause"), Integer.parseInt(id.getAttribute("testNumber")));
        Element error = child(element, "error");
        List<ErrorArgument> arguments = new ArrayList<>();
        for (Element argument : children(child(error, "arguments"), "argument")) {
            arguments.add(ErrorArgumentImpl.fromValues(argument.getTextContent().trim(), null, null));
        }
        ErrorDetails details = Profiles.errorFromValues(text(error, "message"), arguments);
        return Profiles.ruleFromValues(ruleId, element.getAttribute("object"),
                element.hasAttribute("deferred") ? Boolean.valueOf(element.getAttribute("deferred")) : null,
                element.getAttribute("tags"), text(element, "description"), text(element, "test"), details,
                List.<Reference>of());
    }

    private static Element child(Element parent, String name) {
        List<Element> found = children(parent, name);
        return found.isEmpty() ? null : found.get(0);
    }

    private static List<Element> children(Element parent, String name) {
        List<Element> found = new ArrayList<>();
        NodeList nodes = parent.getChildNodes();
        for (int i = 0; i < nodes.getLength(); i++) {
            Node node = nodes.item(i);
            if (node instanceof Element && name.equals(node.getLocalName())) {
                found.add((Element) node);
            }
        }
        return found;
    }

    private static String text(Element parent, String name) {
        Element element = child(parent, name);
        return element == null ? "" : element.getTextContent().trim();
    }

    private static String quoted(String value) {
        StringBuilder json = new StringBuilder("\"");
        for (char c : value.toCharArray()) {
            if (c == '"' || c == '\\') {
                json.append('\\').append(c);
            } else if (c < 0x20) {
                json.append(String.format("\\u%04x", (int) c));
            } else {
                json.append(c);
            }
        }
        return json.append('"').toString();
    }
}

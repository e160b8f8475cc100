import java.io.File;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.util.Arrays;
import java.util.Calendar;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.interactive.digitalsignature.PDSignature;

/** Signs a file several times; prints the median in microseconds: runs, input, output. */
public final class PdfBoxTime {
    public static void main(String[] args) throws Exception {
        int runs = Integer.parseInt(args[0]);
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        KeyPair pair = generator.generateKeyPair();
        double[] times = new double[runs];
        // The first ones only warm the virtual machine up.
        for (int run = -runs; run < runs; run++) {
            long started = System.nanoTime();
            sign(pair, new File(args[1]), new File(args[2]));
            if (run >= 0) {
                times[run] = (System.nanoTime() - started) / 1e3;
            }
        }
        Arrays.sort(times);
        System.out.println(times[runs / 2]);
    }

    private static void sign(KeyPair pair, File input, File output) throws Exception {
        try (PDDocument document = PDDocument.load(input);
                FileOutputStream out = new FileOutputStream(output)) {
            PDSignature signature = new PDSignature();
            signature.setFilter(PDSignature.FILTER_ADOBE_PPKLITE);
            signature.setSubFilter(PDSignature.SUBFILTER_ETSI_CADES_DETACHED);
            signature.setSignDate(Calendar.getInstance());
            // Only the raw signature: building the CMS container would need one library more.
            document.addSignature(signature, content -> raw(pair, content));
            document.saveIncremental(out);
        }
    }

    private static byte[] raw(KeyPair pair, InputStream content) {
        try {
            Signature signer = Signature.getInstance("SHA256withECDSA");
            signer.initSign(pair.getPrivate());
            byte[] buffer = new byte[65536];
            for (int read = content.read(buffer); read > 0; read = content.read(buffer)) {
                signer.update(buffer, 0, read);
            }
            return signer.sign();
        } catch (Exception wrong) {
            throw new IllegalStateException(wrong);
        }
    }
}
